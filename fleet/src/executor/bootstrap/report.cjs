'use strict';

const fs = require('node:fs');
const { inspect } = require('node:util');

// Captured now: by the time of a report the code may have replaced any of them.
const { writeSync } = fs;
const { stringify } = JSON;
const toText = String;
const sliceString = Function.prototype.call.bind(String.prototype.slice);
const listenerCount = process.listenerCount.bind(process);
const hasCaptureCallback = process.hasUncaughtExceptionCaptureCallback.bind(process);

// Beyond what the worker keeps, so that it can clean first and cut afterwards.
const nameChars = 1024;
const messageChars = 16 * 1024;
const stackChars = 32 * 1024;

/**
 * A report is one line: the nonce, a space, JSON. A line break goes before it, because the code can write to the
 * channel too and may have left half a line there.
 */
function createReporter(channel, nonce) {
  const send = (report) => {
    try {
      writeSync(channel, `\n${nonce} ${stringify(report)}\n`);
    } catch {
      // The code closed the channel: then its exit code is all that is known.
    }
  };
  return {
    running: () => send({ kind: 'running' }),
    setupFailed: (message) => send({ kind: 'setup_failed', message }),
    syntaxError: ({ name, message, line, column }) =>
      send({ kind: 'syntax_error', error: { name, message, stack: null, line, column } }),
    reportUncaught: () =>
      process.on('uncaughtExceptionMonitor', (thrown) => {
        // A handler of the code's own takes it from here; what the process ends with is then up to the code.
        if (listenerCount('uncaughtException') > 0 || hasCaptureCallback()) return;
        send({ kind: 'uncaught_error', error: describe(thrown) });
      }),
  };
}

/** Anything can be thrown, and any of its properties can throw. */
function describe(thrown) {
  const isObject = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function';
  const stack = isObject ? attempt(() => thrown.stack) : null;
  if (typeof stack !== 'string') return describeOther(thrown, isObject);
  const name = attempt(() => thrown.name);
  const message = attempt(() => thrown.message);
  return {
    name: sliceString(typeof name === 'string' ? name : 'Error', 0, nameChars),
    message: sliceString(typeof message === 'string' ? message : '', 0, messageChars),
    stack: cutMiddle(stack, stackChars),
  };
}

/** A thrown value that is no error is named after its type, and its message is how Node would print it. */
function describeOther(thrown, isObject) {
  const name = isObject ? attempt(() => thrown.constructor.name) : thrown === null ? 'null' : typeof thrown;
  const message =
    typeof thrown === 'string' ? thrown : (attempt(() => inspect(thrown)) ?? attempt(() => toText(thrown)));
  return {
    name: sliceString(typeof name === 'string' && name !== '' ? name : 'Object', 0, nameChars),
    message: sliceString(typeof message === 'string' ? message : '', 0, messageChars),
    stack: null,
  };
}

/** The frames are at the end, behind a message of any length. */
function cutMiddle(text, limit) {
  if (text.length <= limit) return text;
  return `${sliceString(text, 0, limit / 2)}\n[…]\n${sliceString(text, -limit / 2)}`;
}

function attempt(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

module.exports = { createReporter };
