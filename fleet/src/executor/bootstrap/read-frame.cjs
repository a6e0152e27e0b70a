'use strict';

const fs = require('node:fs');

const nonceBytes = 32;

/**
 * The frame is: a big-endian uint32 of the bytes that follow, the nonce in ASCII, the task as JSON in UTF-8.
 *
 * The nonce never becomes a string, since a heap snapshot shows those, and it has no prototype by which
 * `v8.queryObjects` would find it.
 *
 * @returns {{nonce: Uint8Array, task: {taskId: string, attempt: number, code: string, args: string[], env: object, files: object[]}}}
 */
function readFrame(channel) {
  // Not from Buffer's pool, whose leftovers the code could look at.
  const frame = readExactly(channel, readExactly(channel, 4).readUInt32BE(0));
  const nonce = new Uint8Array(frame.subarray(0, nonceBytes));
  Object.setPrototypeOf(nonce, null);
  const task = JSON.parse(frame.utf8Slice(nonceBytes));
  frame.fill(0);
  return { nonce, task };
}

function readExactly(channel, length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const count = fs.readSync(channel, bytes, at, length - at, null);
    // The worker is gone or needs no child any more.
    if (count === 0) process.exit(1);
    at += count;
  }
  return bytes;
}

module.exports = { nonceBytes, readFrame };
