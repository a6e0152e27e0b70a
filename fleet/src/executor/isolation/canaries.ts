import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import type { EndedOutcome } from '@runfleet/shared/model/outcome.ts';
import { noInput } from '@runfleet/shared/model/task-input.ts';
import { defaultLimits } from '@runfleet/shared/model/task-limits.ts';
import type { Executor } from '../index.ts';

/** What one canary found: null when the wall held, else how it got through. */
export interface CanaryResult {
  wall: string;
  escape: string | null;
}

const mib = 1024 * 1024;
const limits = { ...defaultLimits, cpuMs: 20_000, memoryBytes: 128 * mib, diskBytes: 8 * mib };

/** Tries every wall from within; each line of its output names one that did not hold. */
const prober = (port: number, hostPath: string) => `
const fs = require('node:fs');
const net = require('node:net');
const escaped = (wall) => console.log(wall);
const tryIt = (wall, attempt) => { try { if (attempt() !== false) escaped(wall); } catch {} };

for (const entry of (() => { try { return fs.readdirSync('/proc'); } catch { return []; } })()) {
  if (!/^[0-9]+$/.test(entry) || Number(entry) === process.pid) continue;
  tryIt('environments of other processes', () => fs.readFileSync('/proc/' + entry + '/environ', 'utf8').includes('RUNFLEET_CANARY'));
}
tryIt('files of the host', () => fs.readFileSync(${JSON.stringify(hostPath)}));
tryIt('files of the host', () => fs.writeFileSync('/tmp/${randomUUID()}', ''));
tryIt('other processes', () => process.kill(process.ppid, 0) && process.ppid > 1);
tryIt('subprocesses', () => require('node:child_process').spawnSync(process.execPath, ['-v']).status === 0);
const socket = net.connect(${port}, '127.0.0.1');
socket.on('connect', () => { escaped('network'); socket.destroy(); });
socket.on('error', () => {});
`;

const diskFiller = `
const fs = require('node:fs');
try { for (let i = 0; i < 64; i++) fs.writeFileSync('f' + i, Buffer.alloc(${mib})); console.log('disk'); } catch {}
`;

const memoryFiller = `
const kept = [];
for (let i = 0; i < 512; i++) kept.push(Buffer.alloc(${mib}, 1));
console.log('memory', kept.length);
`;

/**
 * Runs programs that want out through an executor, and says which walls held. What a kernel's version or a
 * configuration promises is no evidence; this is.
 */
export async function runCanaries(executor: Executor): Promise<CanaryResult[]> {
  const listener = await listen();
  try {
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const run = (code: string) => runOne(executor, code);
    const [probe, disk, memory] = await Promise.all([
      run(prober(port, '/etc/hostname')),
      run(diskFiller),
      run(memoryFiller),
    ]);
    const walls = [
      'environments of other processes',
      'files of the host',
      'other processes',
      'subprocesses',
      'network',
    ];
    return [
      ...walls.map((wall) => ({
        wall,
        escape: probe.stdout.text.includes(wall) ? wall : failure(probe, 'ok'),
      })),
      { wall: 'disk', escape: disk.stdout.text.includes('disk') ? 'disk' : failure(disk, 'ok') },
      {
        wall: 'memory',
        escape: memory.stdout.text.includes('memory') ? 'memory' : failure(memory, 'memory_limit'),
      },
    ];
  } finally {
    listener.close();
  }
}

/** A canary that ended in another way than it should proves nothing. */
function failure(outcome: EndedOutcome, expected: string): string | null {
  if (outcome.reason === expected) return null;
  const said = outcome.error?.message ?? outcome.stderr.text.trim().split('\n').at(-1) ?? '';
  return `the canary ended as ${outcome.reason}${said === '' ? '' : `: ${said}`}`;
}

async function runOne(executor: Executor, code: string): Promise<EndedOutcome> {
  const program = { taskId: randomUUID(), attempt: 1, code, timeoutMs: 10_000, input: noInput, limits };
  const outcome = await executor.run(program).outcome;
  if (outcome.kind !== 'ended') throw new Error('the canary was given back');
  return outcome;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
