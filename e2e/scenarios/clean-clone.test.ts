import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localPorts } from '@runfleet/shared/model/local-stack.ts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Client } from '../client.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a newcomer has: no more of our environment than a shell gives. */
const newcomer = {
  PATH: process.env['PATH']
    ?.split(':')
    .filter((folder) => !folder.includes('node_modules'))
    .join(':'),
  HOME: process.env['HOME'],
  npm_config_loglevel: 'error',
};

let clone: string;
const jobs: ChildProcess[] = [];

beforeAll(() => {
  clone = join(mkdtempSync(join(tmpdir(), 'runfleet-clone-')), 'runfleet');
  execFileSync('git', ['clone', '--quiet', root, clone]);
}, 60_000);

afterEach(async () => {
  for (const child of jobs.splice(0)) await interrupt(child);
  expect(processesOf(clone), 'processes left').toEqual([]);
}, 60_000);

afterAll(() => rmSync(join(clone, '..'), { recursive: true, force: true }));

/** The processes that run something of the clone, or in it. */
function processesOf(folder: string): string[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder));
}

interface Started {
  child: ChildProcess;
  /** All that it has printed. */
  output(): string;
  exited: Promise<number | null>;
}

/** Types a command in the clone, as the foreground job of a terminal. */
function type(command: string, env: Record<string, string> = {}): Started {
  const child = spawn('sh', ['-c', `exec ${command}`], {
    cwd: clone,
    detached: true,
    env: { ...newcomer, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  jobs.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, output: () => text, exited };
}

/** Ctrl-C: every process of the foreground job gets it. */
async function interrupt(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGINT');
  await exited;
}

async function untilPrinted(started: Started, words: string, withinMs: number): Promise<void> {
  let ended = false;
  void started.exited.then(() => (ended = true));
  await new Client('').until(
    `"${words}" is printed`,
    async () => started.output(),
    (output) => {
      if (ended && !output.includes(words)) throw new Error(`it has ended, and printed:\n${output}`);
      return output.includes(words);
    },
    withinMs,
  );
}

/** The port of `npm start`, unless something of the developer's uses it. */
async function choosePort(): Promise<number> {
  const offsets = Object.values(localPorts).map((port) => port - localPorts.edge);
  for (let base: number = localPorts.edge; ; base += 100) {
    const free = await Promise.all(offsets.map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

test('9: a newcomer types npm start, sends the curl, and presses Ctrl-C', async () => {
  const port = await choosePort();
  const start = type(port === localPorts.edge ? 'npm start' : `npm start -- --port ${port}`);
  await untilPrinted(start, 'Runfleet is up', 180_000);

  const edgeUrl = `http://localhost:${port}`;
  const curl = `curl -s -X POST ${edgeUrl}/tasks -H "Content-Type: application/json" -d '{"code":"console.log(2+2)","prompt":"math test"}'`;
  expect(start.output()).toContain(curl.replace('-s ', ''));
  const { id } = JSON.parse(execFileSync('sh', ['-c', curl], { encoding: 'utf8' })) as { id: string };
  const client = new Client(edgeUrl);
  expect(await client.ended(id)).toMatchObject({
    status: 'completed',
    result: { stdout: '4\n', exitCode: 0 },
  });

  // A taken port is named at once.
  const second = type(`npm start -- --port ${port}`);
  expect(await second.exited).toBe(1);
  expect(second.output()).toContain(`port ${port} (edge) is taken`);

  await interrupt(start.child);
  expect(start.output()).toContain('everything has stopped');
  expect(processesOf(clone)).toEqual([]);
}, 300_000);

test('data is kept between starts; other workers and another edge join a running stack', async () => {
  const port = await choosePort();
  const start = type(`npm start -- --port ${port} --workers 0`);
  await untilPrinted(start, 'Runfleet is up', 60_000);
  const client = new Client(`http://localhost:${port}`);
  expect((await client.tasks()).tasks).toMatchObject([{ status: 'completed' }]);

  const { id } = await client.submit({ code: 'console.log("from elsewhere")' });
  const urls = {
    DATABASE_URL: `postgres://runfleet:runfleet@127.0.0.1:${port + 11}/runfleet`,
    REDIS_URL: `redis://127.0.0.1:${port + 12}`,
  };
  const worker = type('npx runfleet worker --id worker-9', urls);
  await untilPrinted(worker, '"event":"ready"', 60_000);
  expect(await client.ended(id)).toMatchObject({ status: 'completed', workerId: 'worker-9' });
  await interrupt(worker.child);

  if (port === localPorts.edge) {
    const edge = type(`npx wrangler dev --port ${port + 1} --inspector-port 0`, { CI: 'true' });
    await untilPrinted(edge, `Ready on http://localhost:${port + 1}`, 60_000);
    const other = new Client(`http://localhost:${port + 1}`);
    expect(await other.task(id)).toMatchObject({ id, status: 'completed' });
    await interrupt(edge.child);
  }
}, 180_000);

test('a part that dies is named, and brings the rest down', async () => {
  const port = await choosePort();
  const start = type(`npm start -- --port ${port} --workers 1 --fresh`);
  await untilPrinted(start, 'Runfleet is up', 60_000);
  expect((await new Client(`http://localhost:${port}`).tasks()).tasks).toEqual([]);
  const [recorder] = processesOf(clone).filter((line) => line.endsWith('main.ts recorder'));
  process.kill(Number.parseInt(recorder ?? '', 10), 'SIGKILL');
  expect(await start.exited).toBe(1);
  expect(start.output()).toContain('recorder has ended by SIGKILL');
}, 120_000);

test('a stack that is killed leaves no process either', async () => {
  const port = await choosePort();
  const start = type(`npm start -- --port ${port}`);
  await untilPrinted(start, 'Runfleet is up', 60_000);
  if (start.child.pid === undefined) throw new Error('npm start has no process');
  process.kill(-start.child.pid, 'SIGKILL');
  const left = new Client('').until(
    'nothing is left',
    async () => processesOf(clone),
    (lines) => lines.length === 0,
    10_000,
  );
  await expect(left).resolves.toEqual([]);
}, 120_000);
