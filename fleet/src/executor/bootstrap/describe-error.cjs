'use strict';

const { inspect, types } = require('node:util');

// Captured now: by the time of a report the code may have replaced any of them.
const toText = String;
const { isArray } = Array;
const { isNativeError } = types;
const sliceString = Function.prototype.call.bind(String.prototype.slice);

// Beyond what the worker keeps, so that it can clean first and cut afterwards; of causes a quarter.
const nameChars = 1024;
const messageChars = 16 * 1024;
const stackChars = 32 * 1024;

const causeLimit = 4;
const listedErrors = 10;
const listedChars = 500;

/** Anything can be thrown, and any of its properties can throw. */
function describeError(thrown) {
  return describe(thrown, 0, []);
}

function describe(thrown, depth, seen) {
  const isObject = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function';
  const share = depth === 0 ? 1 : 4;
  const stack = isObject ? attempt(() => thrown.stack) : null;
  const text =
    typeof stack === 'string'
      ? describeWithStack(thrown, stack, stackChars / share)
      : describeOther(thrown, isObject);
  seen[depth] = thrown;
  return {
    name: sliceString(text.name, 0, nameChars),
    message: sliceString(text.message, 0, messageChars / share),
    stack: text.stack,
    line: null,
    column: null,
    // Of what has no stack only Node knows where it was thrown, and prints it.
    located: text.stack !== null || depth > 0,
    cause: isObject ? describeCause(thrown, depth, seen) : null,
  };
}

function describeWithStack(thrown, stack, limit) {
  const name = attempt(() => thrown.name);
  const message = attempt(() => thrown.message);
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: (typeof message === 'string' ? message : '') + (attempt(() => listErrors(thrown)) ?? ''),
    stack: cutMiddle(stack, limit),
  };
}

/** A thrown value that is no error is named after its type, and its message is how Node would print it. */
function describeOther(thrown, isObject) {
  const name = isObject ? attempt(() => thrown.constructor.name) : thrown === null ? 'null' : typeof thrown;
  const message =
    typeof thrown === 'string' ? thrown : (attempt(() => inspect(thrown)) ?? attempt(() => toText(thrown)));
  return {
    name: typeof name === 'string' && name !== '' ? name : 'Object',
    message: typeof message === 'string' ? message : '',
    stack: null,
  };
}

function describeCause(thrown, depth, seen) {
  if (depth === causeLimit) return null;
  const cause = attempt(() => thrown.cause);
  if (cause === undefined || cause === null) return null;
  for (let at = 0; at <= depth; at++) if (seen[at] === cause) return null;
  return describe(cause, depth + 1, seen);
}

/** An AggregateError says nothing itself: what it holds is added to its message, a line each. */
function listErrors(thrown) {
  const errors = isNativeError(thrown) ? thrown.errors : undefined;
  if (!isArray(errors)) return '';
  let text = '';
  for (let at = 0; at < errors.length && at < listedErrors; at++) {
    const error = errors[at];
    const line = attempt(() => (isNativeError(error) ? toText(error) : inspect(error)));
    text += `\n- ${sliceString(typeof line === 'string' ? line : '?', 0, listedChars)}`;
  }
  return errors.length > listedErrors ? `${text}\n- and ${errors.length - listedErrors} more` : text;
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

module.exports = { describeError };
