'use strict';

// Captured now: the code may have replaced any of them when a value is read.
const { isNativeError, isTypedArray, isMap, isSet, isBoxedPrimitive } = require('node:util').types;
const { types } = require('node:util');
const { stringify } = JSON;
const { isArray } = Array;
const { isFinite } = Number;
const { keys, hasOwn } = Object;
const { byteLength } = Buffer;
const toText = String;
const call = Function.prototype.call.bind(Function.prototype.call);
const sliceString = Function.prototype.call.bind(String.prototype.slice);
const test = Function.prototype.call.bind(RegExp.prototype.test);
const forEachOfMap = Function.prototype.call.bind(Map.prototype.forEach);
const forEachOfSet = Function.prototype.call.bind(Set.prototype.forEach);

/** The worker's `valueLimitBytes`. */
const limitBytes = 256 * 1024;
const depthLimit = 500;
const pathChars = 200;
const messageChars = 200;

/** What JSON would show as `{}`. */
const opaque = [
  ['a RegExp', types.isRegExp],
  ['a promise', types.isPromise],
  ['a WeakMap', types.isWeakMap],
  ['a WeakSet', types.isWeakSet],
  ['an ArrayBuffer', types.isAnyArrayBuffer],
  ['a DataView', types.isDataView],
  ['a generator', types.isGeneratorObject],
];

const identifier = /^[A-Za-z_$][\w$]*$/;

/** Ends a walk that has its note already. */
const refused = new Error('refused');

/**
 * The value as JSON.stringify would have it, but nothing is lost in silence: where that leaves out or empties what the
 * value has (functions, symbols, promises, …) the answer is a note that says what and where. A Map becomes its entries,
 * a Set and a typed array become arrays, an Error becomes its name, message, cause and own properties.
 *
 * It never throws. The value's own code (getters, `toJSON`, proxies) runs, and can take as long as the program may.
 *
 * @returns {{json: string} | {note: string}}
 */
function toJson(root) {
  /** Keys from the root to where the walk is, and the objects that they were read from. */
  const path = [];
  const ancestors = [];
  let depth = 0;
  let bytes = 0;

  let note = null;

  try {
    const json = write(root, '');
    return json === undefined ? { note: 'The value is undefined.' } : { json };
  } catch (error) {
    if (error === refused) return { note };
    const at = depth === 0 ? '' : ` at ${showPath(path, depth)}`;
    return { note: `The value cannot be read${at}: ${messageOf(error)}` };
  }

  function write(value, key) {
    if (
      (typeof value === 'object' && value !== null) ||
      typeof value === 'function' ||
      typeof value === 'bigint'
    ) {
      const { toJSON } = value;
      if (typeof toJSON === 'function') value = call(toJSON, value, key);
    }
    switch (typeof value) {
      case 'string':
        if (value.length > limitBytes) tooLong();
        return take(stringify(value));
      case 'number':
        return take(isFinite(value) ? toText(value) : 'null');
      case 'boolean':
        return take(value ? 'true' : 'false');
      case 'undefined':
        return undefined;
      case 'object':
        return value === null ? take('null') : writeObject(value);
      case 'bigint':
        return refuseKind('a BigInt');
      default:
        return refuseKind(`a ${typeof value}`);
    }
  }

  function writeObject(value) {
    if (isBoxedPrimitive(value)) return write(value.valueOf(), '');
    for (let at = 0; at < opaque.length; at++) if (opaque[at][1](value)) refuseKind(opaque[at][0]);
    for (let at = 0; at < depth; at++) {
      if (ancestors[at] === value) refuse(`The value has a circular reference at ${showPath(path, depth)}`);
    }
    if (depth === depthLimit) refuse(`The value is nested more than ${depthLimit} deep.`);
    ancestors[depth] = value;
    if (isMap(value)) return writeArray(entriesOf(value));
    if (isSet(value)) return writeArray(elementsOf(value));
    if (isArray(value) || isTypedArray(value)) return writeArray(value);
    return isNativeError(value) ? writeMembers(errorMembers(value)) : writeMembers(value);
  }

  function writeArray(array) {
    let text = take('[');
    for (let at = 0; at < array.length; at++) {
      if (at > 0) text += take(',');
      text += descend(array, at) ?? take('null');
    }
    return text + take(']');
  }

  function writeMembers(object) {
    let text = take('{');
    const names = keys(object);
    let isFirst = true;
    for (let at = 0; at < names.length; at++) {
      const member = descend(object, names[at]);
      if (member === undefined) continue;
      text += `${take(isFirst ? '' : ',')}${take(stringify(names[at]))}${take(':')}${member}`;
      isFirst = false;
    }
    return text + take('}');
  }

  function descend(object, key) {
    path[depth++] = key;
    const text = write(object[key], toText(key));
    depth--;
    return text;
  }

  function take(text) {
    bytes += byteLength(text);
    if (bytes > limitBytes) tooLong();
    return text;
  }

  function tooLong() {
    refuse(`The value is longer than ${limitBytes} bytes as JSON.`);
  }

  function refuseKind(kind) {
    refuse(
      depth === 0
        ? `The value is ${kind}, which JSON cannot hold.`
        : `The value has ${kind} at ${showPath(path, depth)}, which JSON cannot hold.`,
    );
  }

  function refuse(why) {
    note = why;
    throw refused;
  }
}

function entriesOf(map) {
  const entries = [];
  forEachOfMap(map, (value, key) => (entries[entries.length] = [key, value]));
  return entries;
}

function elementsOf(set) {
  const elements = [];
  forEachOfSet(set, (element) => (elements[elements.length] = element));
  return elements;
}

function errorMembers(error) {
  const { name, message } = error;
  const members = { name, message };
  if (hasOwn(error, 'cause')) members.cause = error.cause;
  if (hasOwn(error, 'errors')) members.errors = error.errors;
  const names = keys(error);
  for (let at = 0; at < names.length; at++) members[names[at]] = error[names[at]];
  return members;
}

/** `.a.b[0]["c d"]`; of a long path its end. */
function showPath(path, depth) {
  let text = '';
  for (let at = 0; at < depth; at++) {
    const key = path[at];
    const isPlain = typeof key === 'string' && key.length < pathChars && test(identifier, key);
    text += isPlain
      ? `.${key}`
      : `[${typeof key === 'number' ? key : stringify(sliceString(key, 0, pathChars))}]`;
  }
  return text.length <= pathChars ? text : `…${sliceString(text, -pathChars)}`;
}

function messageOf(error) {
  try {
    const { message } = error;
    return sliceString(typeof message === 'string' ? message : toText(error), 0, messageChars);
  } catch {
    return 'it throws';
  }
}

module.exports = { toJson };
