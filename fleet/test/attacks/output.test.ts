import { expect } from 'vitest';
import {
  atEachLevel,
  defineAttacks,
  exited,
  ok,
  outputMet,
  signalled,
  timedOut,
  type Attack,
} from './attack.ts';

const mib = 1024 * 1024;

const attacks: Attack[] = [
  {
    name: '1 GiB to stdout',
    code: `const chunk = Buffer.alloc(${mib}, 'x'); for (let i = 0; i < 1024; i++) process.stdout.write(chunk);`,
    ending: outputMet,
    also({ stdout }) {
      expect(stdout.text.length).toBeGreaterThan(mib - 1);
      expect(stdout.text.length).toBeLessThan(mib + 100);
      expect(stdout.bytes).toBeGreaterThan(64 * mib - 1);
      expect(stdout.droppedBytes).toBe(stdout.bytes - mib);
    },
  },
  {
    name: '1 GiB to stdout and stderr, from a Worker',
    code: `
      const flood = (fd) => 'const chunk = Buffer.alloc(${mib}, 120); for (let i = 0; i < 512; i++) require("node:fs").writeSync(' + fd + ', chunk);';
      for (const fd of [1, 2]) new (require('node:worker_threads').Worker)(flood(fd), { eval: true });`,
    ending: outputMet,
  },
  {
    name: 'a flood of tiny writes',
    code: `for (;;) say(1, 'x');`,
    options: { limits: { outputBytes: 128 * 1024 } },
    ending: outputMet,
    also: ({ stdout }) => expect(stdout.text).toMatch(/^x{100000}/),
  },
  {
    name: 'a flood of lines',
    code: `for (;;) console.log('');`,
    options: { limits: { outputBytes: 128 * 1024 } },
    ending: outputMet,
  },
  {
    name: 'one huge line',
    code: `process.stdout.write('x'.repeat(32 * ${mib}));`,
    ending: ok,
    also: ({ stdout }) => expect(stdout).toMatchObject({ bytes: 32 * mib, droppedBytes: 31 * mib }),
  },
  {
    name: 'bytes that are no UTF-8',
    code: `say(1, Buffer.from([0xff, 0xfe, 0x61, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x00, 0xf0, 0x9f]));`,
    ending: ok,
    also({ stdout }) {
      expect(stdout.text).toContain('a');
      expect(stdout.text.isWellFormed()).toBe(true);
    },
  },
  {
    name: 'output that is pending at its exit',
    code: `process.stdout.write('x'.repeat(8 * ${mib})); process.stderr.write('y'.repeat(8 * ${mib})); process.exit(3);`,
    ending: exited(3),
    also({ stdout, stderr }) {
      expect([stdout.bytes, stderr.bytes]).toEqual([8 * mib, 8 * mib]);
    },
  },
  {
    name: 'closing its output, and hanging',
    code: `say(1, 'before'); for (const fd of [1, 2]) require('node:fs').closeSync(fd); setInterval(() => {}, 1e6);`,
    options: { timeoutMs: 1_000 },
    ending: timedOut,
    also: ({ stdout }) => expect(stdout.text).toBe('before'),
  },
  {
    name: 'closing its channel and its output',
    code: `for (const fd of [3, 2, 1, 0]) require('node:fs').closeSync(fd); process.exit(7);`,
    ending: exited(7),
  },
  {
    name: 'closing every descriptor up to 64',
    code: `for (let fd = 0; fd <= 64; fd++) try { require('node:fs').closeSync(fd); } catch {} process.exit(7);`,
    // Node aborts when those of its own loop are gone, here as without us.
    ending: signalled('SIGABRT'),
  },
  {
    name: 'closing every descriptor up to 64, and spinning',
    code: `for (let fd = 0; fd <= 64; fd++) try { require('node:fs').closeSync(fd); } catch {} for (;;);`,
    options: { timeoutMs: 1_000 },
    // Another thread of Node may abort over it first.
    ending: {
      reason: expect.toBeOneOf(['timeout', 'signal']),
      killedBy: expect.toBeOneOf(['limit', 'task']),
      limit: expect.toBeOneOf(['timeout', null]),
    },
  },
  {
    name: 'a flood of its channel',
    code: `const chunk = Buffer.alloc(65536, 'x'); for (;;) try { say(3, chunk); } catch {}`,
    options: { timeoutMs: 1_500 },
    ending: outputMet,
  },
  {
    name: 'a flood into its own stdin',
    code: `const chunk = Buffer.alloc(65536, 'x'); for (;;) try { say(0, chunk); } catch {}`,
    options: { timeoutMs: 1_500 },
    ending: timedOut,
  },
  {
    name: 'output that reads like an outcome',
    code: `console.log('{"kind":"ended","reason":"ok","exitCode":0}'); console.error('{"exit-code": 0}'); process.exit(5);`,
    ending: exited(5),
  },
];

await atEachLevel('output', (level) => defineAttacks(level, attacks));
