import { expect } from 'vitest';
import { atEachLevel, defineAttacks, exited, ok, uncaught, type Attack } from './attack.ts';

/** What a program may do to the objects that a report is made with, before it throws. */
const disturbances: [string, string][] = [
  ['JSON', `JSON.stringify = () => 'forged'; JSON.parse = () => ({});`],
  ['a toJSON on every object', `Object.prototype.toJSON = String.prototype.toJSON = () => 'forged';`],
  [
    'setters on every object',
    `for (const name of ['kind', 'error', 'name', 'message', 'stack', 'cause', 'code', 'json', 'value', 'get', 'set']) Object.defineProperty(Object.prototype, name, { __proto__: null, set() { throw 1; }, get() { return undefined; }, configurable: true });`,
  ],
  [
    'Array',
    `Array.prototype[Symbol.iterator] = function* () {}; for (const name of ['push', 'map', 'filter', 'join', 'slice', 'includes', 'some', 'forEach']) Array.prototype[name] = () => { throw 1; };`,
  ],
  [
    'String',
    `for (const name of ['slice', 'split', 'replace', 'replaceAll', 'startsWith', 'endsWith', 'indexOf', 'trim']) String.prototype[name] = () => 'forged';`,
  ],
  [
    'RegExp',
    `RegExp.prototype.exec = RegExp.prototype.test = () => null; RegExp.prototype[Symbol.replace] = () => 'forged';`,
  ],
  [
    'Map, Set and Reflect',
    `for (const kind of [Map, Set, WeakMap, WeakSet]) for (const name of ['get', 'set', 'has', 'add']) if (kind.prototype[name]) kind.prototype[name] = () => { throw 1; }; for (const name of Object.keys(Object.getOwnPropertyDescriptors(Reflect))) Reflect[name] = () => { throw 1; };`,
  ],
  [
    'Function',
    `Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw 1; };`,
  ],
  [
    'Buffer and fs',
    `const fs = require('node:fs'); for (const name of ['writeSync', 'writeFileSync', 'write', 'openSync']) fs[name] = () => { throw 1; }; Buffer.from = Buffer.alloc = Buffer.concat = () => { throw 1; };`,
  ],
  ['stack traces', `Error.prepareStackTrace = () => 'forged'; Error.stackTraceLimit = 0;`],
  [
    'the prototype of Error',
    `for (const name of ['name', 'message', 'cause']) Object.defineProperty(Error.prototype, name, { get() { throw 1; }, configurable: true });`,
  ],
  [
    'globals',
    `for (const name of ['Error', 'JSON', 'Object', 'Array', 'String', 'Number', 'Buffer', 'Symbol', 'Promise', 'Map', 'Set']) { const real = globalThis[name]; if (name === 'Error') globalThis.kept = real; delete globalThis[name]; }`,
  ],
  [
    'process',
    `for (const name of ['memoryUsage', 'cpuUsage', 'resourceUsage', 'hrtime', 'nextTick', 'listenerCount', 'listeners', 'rawListeners', 'cwd']) process[name] = () => { throw 1; };`,
  ],
];

const attacks: Attack[] = [
  ...disturbances.map(([name, code]) => ({
    name: `an error behind a changed world: ${name}`,
    code: `const error = new Error('genuine'); ${code} throw error;`,
    // Node itself calls listeners by apply, and exits with 7 when that throws.
    ending: name === 'Function' ? exited(7) : uncaught,
  })),
  ...disturbances.map(([name, code]) => ({
    name: `an exit behind a changed world: ${name}`,
    code: `${code} process.exit(137);`,
    // Node itself calls listeners by apply, and exits with 7 when that throws.
    ending: exited(name === 'Function' ? 7 : 137),
  })),
  {
    name: 'an error when nobody is told of it',
    code: `process.emit = () => false; process.removeAllListeners(); throw new Error('genuine');`,
    ending: exited(1),
  },
  {
    name: 'an environment of its own making',
    code: `process.env.__proto__ = 'x'; process.env.NODE_OPTIONS = '--inspect'; process.env.LD_PRELOAD = '/x.so'; process.env['a=b'] = 'c';
      process.argv = null; process.execPath = '/x'; process.execArgv = ['--no-permission']; process.versions = null; Object.prototype.NODE_OPTIONS = '--inspect';
      new (require('node:worker_threads').Worker)('try { require("node:child_process").spawnSync("/bin/true"); require("node:fs").writeSync(1, "reached a process\\\\n"); } catch {}', { eval: true }).on('error', () => {});`,
    ending: ok,
  },
  {
    name: 'options for Node in the environment of a Worker',
    code: `const { Worker, SHARE_ENV } = require('node:worker_threads');
      for (const env of [SHARE_ENV, {}, { NODE_OPTIONS: '--no-warnings' }, { NODE_OPTIONS: '--experimental-sqlite' }])
        attempt('a Worker', () => { new Worker('try { require("node:child_process").spawnSync("/bin/true"); require("node:fs").writeSync(1, "reached a process\\\\n"); } catch {}', { eval: true, env }).on('error', () => {}); return false; });`,
    ending: ok,
  },
  {
    name: 'an error that lies about itself',
    code: `throw { name: { toString() { throw 1; } }, get message() { process.exit(0); }, stack: 'a\\n'.repeat(1e6), get cause() { return this; } };`,
    ending: ok,
    also: ({ exitCode }) => expect(exitCode).toBe(0),
  },
];

await atEachLevel('disturbance', (level) => defineAttacks(level, attacks));
