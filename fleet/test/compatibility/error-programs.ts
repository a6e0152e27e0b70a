import type { Program } from './programs.ts';

/** What Node prints, and exits with, for what nothing handles. */
export const errorPrograms: Program[] = [
  {
    name: 'an uncaught error',
    code: `function f() {\n  throw new TypeError('no');\n}\nf();`,
    contains: 'TypeError: no',
  },
  {
    name: 'an uncaught error in a module',
    kind: 'mjs',
    code: `import 'node:fs';\n\nthrow new RangeError('far');`,
    contains: 'RangeError: far',
  },
  {
    name: 'an uncaught error with a cause and a code',
    code: `throw Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'E_MINE' })`,
    contains: '[cause]',
  },
  {
    name: 'an AggregateError',
    code: `throw new AggregateError([new Error('one'), new TypeError('two')], 'both')`,
    contains: '[errors]',
  },
  {
    name: 'an error in a timer',
    code: `setTimeout(() => { throw new Error('late'); }, 1)`,
    contains: 'late',
  },
  { name: 'an unhandled rejection', code: `Promise.reject(new Error('rejected'))`, contains: 'rejected' },
  { name: 'an unhandled rejection of a string', code: `Promise.reject('text')`, contains: 'text' },
  {
    name: 'a handled rejection',
    code: `process.on('unhandledRejection', (reason) => console.log('handled', reason)); Promise.reject(1)`,
    contains: 'handled 1',
  },
  {
    name: 'a handled error',
    code: `process.on('uncaughtException', (error, origin) => { console.log(error.message, origin); process.exitCode = 3; }); throw new Error('handled')`,
    contains: 'handled uncaughtException',
  },
  {
    name: 'a monitored error',
    code: `process.on('uncaughtExceptionMonitor', (error) => console.log('monitored', error.message)); throw new Error('x')`,
    contains: 'monitored x',
  },
  { name: 'a thrown string', code: `throw 'text'`, contains: 'text' },
  { name: 'a thrown object', code: `throw { a: 1 }`, contains: 'a: 1' },
  { name: 'a module that is not there', code: `require('left-pad')`, contains: 'MODULE_NOT_FOUND' },
  {
    name: 'an import that is not there',
    kind: 'mjs',
    code: `import './nowhere.mjs';`,
    contains: 'ERR_MODULE_NOT_FOUND',
  },
  {
    name: 'a name that a module does not export',
    kind: 'mjs',
    code: `import { nope } from 'node:fs';`,
    contains: 'nope',
  },
  {
    name: 'an error in a Worker',
    code: `new (require('node:worker_threads').Worker)('throw new Error("in a Worker")', { eval: true })`,
    contains: 'in a Worker',
  },
  {
    name: 'an error event that nobody hears',
    code: `new (require('node:events'))().emit('error', new Error('unheard'))`,
    contains: 'unheard',
  },
  {
    name: 'an error in an exit handler',
    code: `process.on('exit', () => { throw new Error('at exit'); })`,
    contains: 'at exit',
  },
];
