import { expect } from 'vitest';
import { atEachLevel, defineAttacks, memoryMet, ok, uncaught, type Attack } from './attack.ts';

const mib = 1024 * 1024;
const limits = { memoryBytes: 128 * mib };

/** Each would take 1 GiB: eight times what it may have. */
const hogs: [string, string][] = [
  ['a heap of objects', `const kept = []; for (;;) kept.push({ at: kept.length, more: [kept.length] });`],
  [
    'a heap of strings',
    `const kept = []; for (let i = 0; i < 1024; i++) kept.push(Buffer.alloc(${mib}, 'x').toString('latin1') + i);`,
  ],
  [
    'a heap behind a raised limit',
    `require('node:v8').setFlagsFromString('--max-old-space-size=4096'); const kept = []; for (let i = 0; i < 2 ** 25; i++) kept.push({ i });`,
  ],
  ['Buffers', `const kept = []; for (let i = 0; i < 1024; i++) kept.push(Buffer.alloc(${mib}, 1));`],
  ['one large Buffer', `Buffer.alloc(1024 * ${mib}, 1);`],
  [
    'wasm memory',
    `const memory = new WebAssembly.Memory({ initial: 1, maximum: 16384 }); for (let i = 0; i < 1023; i++) { memory.grow(16); new Uint8Array(memory.buffer).fill(1, i * ${mib}); }`,
  ],
  ['a SharedArrayBuffer', `new Uint8Array(new SharedArrayBuffer(1024 * ${mib})).fill(1);`],
  [
    'a buffer that grows',
    `const buffer = new ArrayBuffer(0, { maxByteLength: 1024 * ${mib} }); for (let i = 1; i <= 1024; i++) { buffer.resize(i * ${mib}); new Uint8Array(buffer).fill(1, (i - 1) * ${mib}); }`,
  ],
  [
    'many small typed arrays',
    `const kept = []; for (let i = 0; i < 2 ** 20; i++) kept.push(new Uint8Array(1024).fill(1));`,
  ],
  [
    'a bomb for zlib',
    `const zlib = require('node:zlib'); const bomb = zlib.gzipSync(Buffer.alloc(32 * ${mib})); const kept = []; for (let i = 0; i < 32; i++) kept.push(zlib.gunzipSync(bomb));`,
  ],
  [
    'Buffers in four Workers',
    `const hog = 'const kept = []; for (let i = 0; i < 256; i++) kept.push(Buffer.alloc(${mib}, 1)); setInterval(() => {}, 1e6);';
     for (let i = 0; i < 4; i++) new (require('node:worker_threads').Worker)(hog, { eval: true });`,
  ],
  [
    'heaps in four Workers',
    `const hog = 'const kept = []; for (;;) kept.push({ at: kept.length });';
     for (let i = 0; i < 4; i++) new (require('node:worker_threads').Worker)(hog, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 1024 } });`,
  ],
  [
    'Buffers, whatever fails',
    `const kept = []; for (;;) try { kept.push(Buffer.alloc(${mib}, 1)); } catch {}`,
  ],
];

const attacks: Attack[] = [
  ...hogs.map(([name, code]) => ({ name, code, options: { limits }, ending: memoryMet })),
  {
    name: 'deep recursion',
    code: `const f = () => f() + 1; f();`,
    ending: uncaught,
    also: ({ error }) => expect(error).toMatchObject({ name: 'RangeError' }),
  },
  {
    name: 'deep recursion in JSON, in inspection and in a regular expression',
    code: `let deep = []; for (let i = 0; i < 1e5; i++) deep = [deep];
      attempt('JSON', () => JSON.stringify(deep));
      attempt('an expression', () => new RegExp('('.repeat(1e5) + ')'.repeat(1e5)));
      require('node:util').inspect(deep, { depth: Infinity }).length;`,
    ending: ok,
  },
  {
    name: 'an error that is as large as a heap',
    code: `const error = new Error('x'.repeat(${mib})); error.stack = 'y'.repeat(4 * ${mib}); throw error;`,
    ending: uncaught,
    also: ({ error }) => expect(JSON.stringify(error).length).toBeLessThan(64 * 1024),
  },
];

await atEachLevel('memory', (level) => defineAttacks(level, attacks));
