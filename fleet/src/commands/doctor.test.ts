import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { cloneDatabase, emptyDatabase } from '../../../shared/test/database.ts';
import { redisUrl } from '../../test/services.ts';
import { runCommand } from '../../test/run-command.ts';
import { startRedis } from '../../test/start-redis.ts';
import { reportSchema, type Report } from '../doctor/report.ts';

const database = await cloneDatabase();
afterAll(() => database.drop());

const onLinux = process.platform === 'linux';
const unreachable = {
  REDIS_URL: 'redis://:hush@127.0.0.1:1',
  DATABASE_URL: 'postgres://somebody:hush@127.0.0.1:1/d',
};

async function doctor(environment: Record<string, string> = {}) {
  const services = { REDIS_URL: redisUrl(), DATABASE_URL: database.url };
  const { exitCode, stdout, stderr } = await runCommand(['doctor', '--json'], {
    ...services,
    ...environment,
  });
  expect(stderr).toBe('');
  const report = reportSchema.parse(JSON.parse(stdout));
  expect(exitCode).toBe(report.status === 'failed' ? 1 : 0);
  return { exitCode, stdout, report };
}

function finding(report: Report, item: string) {
  const found = report.findings.find((one) => one.item === item);
  if (found === undefined)
    throw new Error(`no ${item} among ${report.findings.map((one) => one.item).join()}`);
  return found;
}

test('a host and services that are well', async () => {
  const { report, exitCode } = await doctor({ RUNFLEET_ISOLATION: 'process' });
  expect(exitCode).toBe(0);
  for (const item of ['node', 'redis.version', 'redis.eviction', 'postgres.version', 'clock']) {
    expect(finding(report, item)).toMatchObject({ status: 'ok', remedy: null });
  }
  expect(finding(report, 'postgres.migrations')).toMatchObject({ status: 'ok' });
  // The Redis of the tests keeps nothing on purpose.
  expect(finding(report, 'redis.persistence')).toMatchObject({ status: 'warning' });
  expect(finding(report, 'isolation.sandbox')).toMatchObject(
    finding(report, 'isolation.sandbox').status === 'ok'
      ? { found: expect.stringMatching(/^every wall held; .*network: /) }
      : { status: 'warning', means: 'code that nobody has reviewed must not run here' },
  );
  expect(finding(report, 'isolation.process').found).toMatch(/^held: .*files of the host.*; open: /);
});

test('whatever is not ok says what it means, and what mends it where something does', async () => {
  const { report } = await doctor(unreachable);
  for (const { status, found, means, remedy } of report.findings) {
    expect(found).not.toBe('');
    expect(means).not.toBe('');
    if (status === 'ok') expect(remedy).toBeNull();
  }
  expect(finding(report, 'redis').remedy).toContain('REDIS_URL');
  expect(finding(report, 'postgres').remedy).toContain('DATABASE_URL');
});

describe('no secret is shown when', () => {
  test('nothing listens there', async () => {
    const { report, stdout, exitCode } = await doctor(unreachable);
    expect(exitCode).toBe(1);
    expect(finding(report, 'redis').found).toContain('ECONNREFUSED');
    expect(finding(report, 'postgres').found).toContain('ECONNREFUSED');
    expect(stdout).not.toContain('hush');
  });

  test('the password is wrong', async () => {
    const url = new URL(database.url);
    url.password = 'hush';
    const { report, stdout } = await doctor({ DATABASE_URL: url.href });
    expect(finding(report, 'postgres').found).toContain('password authentication failed');
    expect(stdout).not.toContain('hush');
  });

  test('the host does not exist', async () => {
    const { stdout, exitCode } = await doctor({
      REDIS_URL: 'rediss://default:hush@nowhere.invalid:6379',
      DATABASE_URL: 'postgres://u:hush@nowhere.invalid/d',
    });
    expect(exitCode).toBe(1);
    expect(stdout).not.toContain('hush');
  });
});

test('a service that takes connections and never answers fails in time', async () => {
  const open = new Set<Socket>();
  const silent = createServer((socket) => void open.add(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const { report } = await doctor({
    REDIS_URL: `redis://127.0.0.1:${port}`,
    DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/d`,
  });
  for (const socket of open) socket.destroy();
  silent.close();
  expect(finding(report, 'redis')).toMatchObject({ status: 'failed' });
  expect(finding(report, 'postgres')).toMatchObject({ status: 'failed' });
}, 60_000);

test('a database that was not migrated fails, and the command that migrates it is said', async () => {
  const empty = await emptyDatabase();
  const { report, exitCode } = await doctor({ DATABASE_URL: empty.url });
  await empty.drop();
  expect(exitCode).toBe(1);
  expect(finding(report, 'postgres.version').status).toBe('ok');
  expect(finding(report, 'postgres.migrations').status).toBe('failed');
  expect(finding(report, 'postgres.migrations').remedy).toContain('npm run migrate');
});

test('a Redis that may drop keys fails, and the command that forbids it works', async () => {
  const server = await startRedis();
  const redis = new Redis(server.url);
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const before = finding((await doctor({ REDIS_URL: server.url })).report, 'redis.eviction');
  expect(before).toMatchObject({ status: 'failed', found: 'maxmemory-policy allkeys-lru' });
  const words = /redis-cli (config set \S+ \S+),/.exec(before.remedy ?? '')?.[1]?.split(' ') ?? [];
  await redis.call(words[0] ?? '', ...words.slice(1));
  const after = finding((await doctor({ REDIS_URL: server.url })).report, 'redis.eviction');
  redis.disconnect();
  await server.stop();
  expect(after.status).toBe('ok');
}, 60_000);

describe.runIf(onLinux)('without bubblewrap', () => {
  const bare = { PATH: '/nonexistent' };

  test('the host fails for a worker that must have the sandbox', async () => {
    const { report, exitCode } = await doctor({ ...bare, RUNFLEET_ISOLATION: 'sandbox' });
    expect(exitCode).toBe(1);
    expect(finding(report, 'tools.bwrap')).toMatchObject({ status: 'failed' });
    expect(finding(report, 'tools.bwrap').remedy).toContain('install bubblewrap');
    expect(finding(report, 'isolation.sandbox')).toMatchObject({ status: 'failed' });
    expect(finding(report, 'isolation.sandbox').remedy).toContain('bubblewrap');
  });

  test('it is a warning for one that asks for less', async () => {
    const { report } = await doctor({ ...bare, RUNFLEET_ISOLATION: 'process' });
    expect(finding(report, 'tools.bwrap').status).toBe('warning');
    expect(finding(report, 'isolation.sandbox').status).toBe('warning');
    expect(finding(report, 'isolation.process').found).toMatch(/^held: .*files of the host/);
  });
});

test('what is read by a program is a line for each finding, with tabs between its five parts', async () => {
  const { stdout, exitCode } = await runCommand(['doctor'], unreachable);
  expect(exitCode).toBe(1);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  for (const line of lines) {
    expect(line).toHaveLength(5);
    expect(line[0]).toMatch(/^(ok|warning|failed)$/);
  }
  expect(lines.map(([, item]) => item)).toEqual(expect.arrayContaining(['node', 'redis', 'postgres']));
});
