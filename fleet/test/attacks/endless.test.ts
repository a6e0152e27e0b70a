import { atEachLevel, cpuMet, defineAttacks, timedOut, type Attack } from './attack.ts';

/** From the moment that the code was handed over: each is in its loop, or dead for another reason, long before. */
const options = { timeoutMs: 600 };

const endless: [string, string][] = [
  ['a loop', 'for (;;);'],
  [
    'a loop in wasm',
    `const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11];
     new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports.f();`,
  ],
  ['a regular expression', `/^(a+)+$/.test('a'.repeat(50) + '!');`],
  ['a loop in an exit handler', `process.on('exit', () => { for (;;); }); process.exit(0);`],
  ['an exit handler that replaces the exit', `process.reallyExit = () => { for (;;); }; process.exit(0);`],
  [
    'ignored signals',
    `for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGXCPU', 'SIGALRM', 'SIGUSR2']) process.on(name, () => {});
     setInterval(() => {}, 1e6);`,
  ],
  ['microtasks without end', `const again = () => queueMicrotask(again); again();`],
  ['ticks without end', `const again = () => process.nextTick(again); again();`],
  ['a wait that nobody ends', `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`],
  ['a loop in a Worker', `new (require('node:worker_threads').Worker)('for (;;);', { eval: true });`],
  ['SIGSTOP to itself', `process.kill(process.pid, 'SIGSTOP');`],
  ['an exit that is always put off', `process.on('beforeExit', () => setImmediate(() => {}));`],
  [
    'an error that is always thrown again',
    `process.on('uncaughtException', () => setImmediate(() => { throw new Error(); })); throw new Error();`,
  ],
  ['a loop in the stack of a thrown error', `throw { get stack() { for (;;); } };`],
  [
    'a loop in what inspects a thrown error',
    `throw { [Symbol.for('nodejs.util.inspect.custom')]() { for (;;); } };`,
  ],
  ['a read of its channel', `for (;;) try { require('node:fs').readSync(3, Buffer.alloc(1)); } catch {}`],
];

const attacks: Attack[] = [
  ...endless.map(([name, code]) => ({ name, code, options, ending: timedOut })),
  {
    name: 'more CPU time than it may have',
    code: 'for (;;);',
    options: { timeoutMs: 20_000, limits: { cpuMs: 300 } },
    ending: cpuMet,
  },
  {
    name: 'more CPU time than it may have, in Workers',
    code: `const { Worker } = require('node:worker_threads'); for (let i = 0; i < 3; i++) new Worker('for (;;);', { eval: true });`,
    options: { timeoutMs: 20_000, limits: { cpuMs: 800 } },
    ending: cpuMet,
  },
];

await atEachLevel('endless', (level) => defineAttacks(level, attacks));
