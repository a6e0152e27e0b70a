'use strict';

const { isPromise } = require('node:util').types;
const Module = require('node:module');
const { pathToFileURL } = require('node:url');
const { toJson } = require('./to-json.cjs');

const then = Function.prototype.call.bind(Promise.prototype.then);
const { defineProperty, keys } = Object;

const nothing = Symbol('nothing');

/**
 * What the program produced: an ES module's default export, what a CommonJS module leaves in `module.exports`.
 *
 *   not evaluated → evaluated (the value may still change, and is read last of all)
 *
 * There is none before the main module has been evaluated to its end. A promise counts for what it has become when
 * nothing is left to do; our looking at it earlier would make its rejection a handled one.
 *
 * @returns {{started: () => void, drained: () => void, read: () => {json: string} | {note: string} | null}}
 */
function watchProgramValue({ format, source }, file) {
  const current = format === 'module' ? defaultExport(source, file) : moduleExports(file);
  /** The promise that was last looked at, and what it has come to. */
  let seen = { promise: null, state: 'pending', value: undefined };

  function drained() {
    const promise = attempt(current.get);
    if (!isPromise(promise) || promise === seen.promise) return;
    const look = { promise, state: 'pending', value: undefined };
    seen = look;
    const settle = (state) => (value) => {
      look.state = state;
      look.value = value;
    };
    attempt(() => then(promise, settle('fulfilled'), settle('rejected')));
  }

  function read() {
    const value = attempt(current.get);
    if (value === nothing) return null;
    if (!isPromise(value)) return serialize(value);
    if (value !== seen.promise)
      return { note: 'The value is a promise, and the program was ended while it might be pending.' };
    if (seen.state === 'pending') return { note: 'The value is a promise that never settled.' };
    if (seen.state === 'rejected') return { note: 'The value is a promise that was rejected.' };
    return serialize(seen.value);
  }
  return { started: current.started, drained, read };
}

/** Nothing is no value: `undefined` is what `export default main()` has when `main` returns nothing. */
function serialize(value) {
  return value === undefined ? null : toJson(value);
}

/** The main module is caught as it enters the cache, with the object that its exports are at first. */
function moduleExports(file) {
  let main = null;
  let initial;
  defineProperty(Module._cache, file, {
    configurable: true,
    enumerable: true,
    get: () => undefined,
    set(module) {
      main = module;
      initial = module.exports;
      defineProperty(Module._cache, file, {
        configurable: true,
        enumerable: true,
        writable: true,
        value: module,
      });
    },
  });
  return {
    started() {},
    get() {
      if (main?.loaded !== true) return nothing;
      const { exports } = main;
      return exports === initial && keys(exports).length === 0 ? nothing : exports;
    },
  };
}

/** A second import of the main module waits for the first, and gives its namespace. */
function defaultExport(source, file) {
  let namespace = null;
  return {
    started() {
      if (!/default|\\u/.test(source)) return;
      import(pathToFileURL(file).href).then(
        (evaluated) => (namespace = evaluated),
        // The first import tells of it.
        () => {},
      );
    },
    get: () => (namespace === null || !('default' in namespace) ? nothing : namespace.default),
  };
}

function attempt(read) {
  try {
    return read();
  } catch {
    return nothing;
  }
}

module.exports = { watchProgramValue };
