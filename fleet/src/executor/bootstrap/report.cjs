'use strict';

const fs = require('node:fs');

const { nonceBytes } = require('./read-frame.cjs');

// Captured now: by the time of a report the code may have replaced any of them.
const { writeSync } = fs;
const { stringify } = JSON;
const utf8Bytes = Buffer.from;
const makeBuffer = Buffer.allocUnsafeSlow;
const setBytes = Function.prototype.call.bind(Uint8Array.prototype.set);
const fillBytes = Function.prototype.call.bind(Uint8Array.prototype.fill);

const { create, keys } = Object;

const lineBreak = 0x0a;
const space = 0x20;

/**
 * A report is one line: the nonce, a space, JSON. A line break goes before it, because the code can write to the
 * channel too and may have left half a line there.
 *
 * What the code can do about reports: close the channel, remove our listeners, or end in ways that call none; then
 * they are missing. A nonce it does not get at, short of searching its own process' memory. No report makes a success
 * of what failed: that the system says.
 *
 * @returns {(message: {kind: string}) => void}
 */
function createReporter(channel, nonce) {
  return (message) => {
    try {
      const json = utf8Bytes(stringify(bare(message)));
      const line = makeBuffer(nonceBytes + json.length + 3);
      line[0] = lineBreak;
      setBytes(line, nonce, 1);
      line[nonceBytes + 1] = space;
      setBytes(line, json, nonceBytes + 2);
      line[line.length - 1] = lineBreak;
      for (let at = 0; at < line.length;) at += writeSync(channel, line, at, line.length - at);
      // Its memory may become a buffer of the code's, which need not be cleared.
      fillBytes(line, 0);
    } catch {
      // The code closed the channel: then its exit code is all that is known.
    }
  };
}

/** Without what the code may have given to every object, such as a `toJSON`. */
function bare(value) {
  if (typeof value !== 'object' || value === null) return value;
  const copy = create(null);
  const names = keys(value);
  for (let i = 0; i < names.length; i++) copy[names[i]] = bare(value[names[i]]);
  return copy;
}

module.exports = { createReporter };
