'use strict';

const { isNativeError } = require('node:util').types;

const test = Function.prototype.call.bind(RegExp.prototype.test);

/** From Node, libuv, zlib and Workers: the system or a heap had no more to give. */
const codes = ['ERR_MEMORY_ALLOCATION_FAILED', 'ERR_WORKER_OUT_OF_MEMORY', 'ENOMEM', 'Z_MEM_ERROR'];

/**
 * V8's words for it. "Invalid array buffer length", "Invalid typed array length" and "Invalid string length" are not
 * among them: no machine has room for those, whatever its memory.
 */
const messages =
  /^(?:Array buffer allocation failed|WebAssembly\.\w+(?:\.grow)?\(\): (?:could not allocate memory|Out of memory|Unable to grow instance memory).*)$/i;

/** Is this what V8 or Node throws when an allocation has failed? */
function isMemoryFailure(thrown) {
  try {
    if (!isNativeError(thrown)) return false;
    const { code, message } = thrown;
    for (let at = 0; at < codes.length; at++) if (code === codes[at]) return true;
    return typeof message === 'string' && message.length < 1024 && test(messages, message);
  } catch {
    // A getter of the code's own: whatever this is, V8 did not make it.
    return false;
  }
}

module.exports = { isMemoryFailure };
