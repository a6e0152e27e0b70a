'use strict';

/**
 * Loaded first in each thread at the level `process`. A Worker with options of its own for Node (`execArgv`) would have no
 * permission model at all (Node 24), so none gets any; what it inherits, this file among it, stays.
 */
const threads = require('node:worker_threads');
const { syncBuiltinESMExports } = require('node:module');

const { Worker } = threads;
const { construct, ownKeys } = Reflect;

threads.Worker = new Proxy(Worker, {
  __proto__: null,
  construct: (target, [file, options], newTarget) =>
    construct(target, [file, withoutExecArgv(options)], newTarget),
});
Object.defineProperty(Worker.prototype, 'constructor', { __proto__: null, value: threads.Worker });
syncBuiltinESMExports();

/** A copy, so that no getter and no proxy can answer one thing now and another later. */
function withoutExecArgv(options) {
  if (options === null || (typeof options !== 'object' && typeof options !== 'function')) return options;
  const copy = { __proto__: null };
  for (const key of ownKeys(options)) copy[key] = key === 'execArgv' ? undefined : options[key];
  return copy;
}
