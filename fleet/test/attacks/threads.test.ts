import { expect } from 'vitest';
import { atEachLevel, defineAttacks, memoryMet, timedOut, type Attack } from './attack.ts';

/** Which limit comes first depends on what Node reserves for a Worker. */
const limitMet: Pick<Attack, 'ending' | 'also'> = {
  ending: { killedBy: 'limit' },
  also: ({ limit }) => expect(['threads', 'memory']).toContain(limit),
};

const attacks: Attack[] = [
  {
    name: 'a bomb of Workers',
    code: `const { Worker } = require('node:worker_threads');
      for (let i = 0; i < 200; i++) new Worker('setInterval(() => {}, 1e6)', { eval: true }).on('error', () => {});`,
    options: { limits: { threads: 32, memoryBytes: 2048 * 1024 * 1024 } },
    ...limitMet,
  },
  {
    name: 'Workers that start Workers',
    code: `const { Worker } = require('node:worker_threads');
      const bomb = 'const { Worker, workerData } = require("node:worker_threads"); for (let i = 0; i < 3; i++) new Worker(workerData, { eval: true, workerData }).on("error", () => {});';
      new Worker(bomb, { eval: true, workerData: bomb });`,
    options: { limits: { threads: 32, memoryBytes: 2048 * 1024 * 1024 } },
    ...limitMet,
  },
  {
    name: 'Workers within the limit on threads, over that on memory',
    code: `const { Worker } = require('node:worker_threads');
      for (let i = 0; i < 24; i++) new Worker('const kept = Buffer.alloc(16 * 1024 * 1024, 1); setInterval(() => kept, 1e6)', { eval: true }).on('error', () => {});`,
    options: { limits: { memoryBytes: 128 * 1024 * 1024 } },
    ending: memoryMet,
  },
  {
    name: 'Workers that end and begin without end',
    code: `const { Worker } = require('node:worker_threads'); const again = () => new Worker('1', { eval: true }).on('exit', again); again();`,
    options: { timeoutMs: 1_500 },
    ending: timedOut,
  },
];

await atEachLevel('threads', (level) => defineAttacks(level, attacks));
