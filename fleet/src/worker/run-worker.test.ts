import { limitPolicy } from '@runfleet/shared/decide/effective-limits.ts';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { claimAttempts } from '@runfleet/shared/db/claim-attempts.ts';
import { findTask } from '@runfleet/shared/db/find-task.ts';
import { listWorkers } from '@runfleet/shared/db/list-workers.ts';
import { noteLiveness } from '@runfleet/shared/db/note-liveness.ts';
import { stopWorker } from '@runfleet/shared/db/stop-worker.ts';
import { parseHeartbeat } from '@runfleet/shared/model/heartbeat.ts';
import { heartbeatKey, queuePrefix, tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { Queue, Worker } from 'bullmq';
import { defaultTimings } from '@runfleet/shared/model/timings.ts';
import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cloneDatabase } from '../../../shared/test/database.ts';
import { runningTask, startWorker as registerDeadWorker, submitTask } from '../../../shared/test/tasks.ts';
import { collectLog, type CollectedLog } from '../../test/collect-log.ts';
import { eventually } from '../../test/eventually.ts';
import { freePort, startRedis } from '../../test/start-redis.ts';
import { Queues } from '../queues.ts';
import { runRecorder, type RunningRecorder } from '../recorder/run-recorder.ts';
import { StartError } from '../start-error.ts';
import { runWorker, type RunningWorker, type WorkerConfig } from './run-worker.ts';

// A Redis of this file's own, because the recorder's queue has one name.
const ownRedis = await startRedis();
const database = await cloneDatabase();
const { db } = database;
const redis = new Redis(ownRedis.url, { maxRetriesPerRequest: null });
const silent = collectLog();
const recorder: RunningRecorder = await runRecorder(
  {
    redisUrl: ownRedis.url,
    databaseUrl: database.url,
    batchSize: 10,
    drainTimeoutMs: 1_000,
    timings: defaultTimings,
  },
  silent.logger,
);
const queues = new Queues(redis, silent.logger);
afterAll(async () => {
  await recorder.drain();
  await queues.close();
  redis.disconnect();
  await database.drop();
  await ownRedis.stop();
});

let type: string;
let workDir: string;
let log: CollectedLog;
let workers: RunningWorker[];
beforeEach(async () => {
  type = `t${randomUUID().slice(0, 8)}`;
  workDir = await mkdtemp(join(tmpdir(), 'runfleet-worker-'));
  log = collectLog();
  workers = [];
});
afterEach(async () => {
  for (const worker of workers) worker.kill();
  await Promise.all(workers.map((worker) => worker.drain()));
  for (const id of await readdir(workDir)) expect(await readdir(join(workDir, id))).toEqual([]);
  await rm(workDir, { recursive: true });
});

async function startWorker(but: Partial<WorkerConfig> = {}): Promise<RunningWorker> {
  const config = {
    id: `w-${randomUUID()}`,
    type,
    concurrency: 4,
    redisUrl: ownRedis.url,
    databaseUrl: database.url,
    workDir,
    isolation: 'process' as const,
    poolSize: 1,
    limits: limitPolicy({}, {}),
    outputLimitBytes: 1024 * 1024,
    drainTimeoutMs: 20_000,
    timings: defaultTimings,
    ...but,
  };
  const worker = await runWorker(config, log.logger);
  workers.push(worker);
  return worker;
}

async function submit(code: string): Promise<string> {
  const taskId = await submitTask(db, { code, type });
  await queues.dispatch([{ taskId, attempt: 1, type }]);
  return taskId;
}

const read = async (taskId: string) => (await findTask(db, 'acme', taskId))!;
const statusOf = async (taskId: string) => (await read(taskId)).status;
const totalsOf = async (id: string) => (await listWorkers(db, 'acme', id))[0]!;
const forever = 'setInterval(() => {}, 1000)';

async function queuedJobs(): Promise<unknown[]> {
  const queue = new Queue(tasksQueueName(type), { connection: redis, prefix: queuePrefix });
  const jobs = await queue.getWaiting();
  await queue.close();
  return jobs.map(({ data }) => data as unknown);
}

test('a task that has waited longer than its timeout still has its full time to run', async () => {
  const code = 'setTimeout(() => console.log("ran"), 600)';
  const taskId = await submitTask(db, { code, type, timeoutMs: 2_000 });
  await sql`
    update tasks set created_at = now() - interval '1 h', queued_at = now() - interval '1 h' where id = ${taskId}`.execute(
    db,
  );
  await queues.dispatch([{ taskId, attempt: 1, type }]);
  await startWorker();
  await eventually(() => statusOf(taskId)).toBe('completed');
  const { result } = await read(taskId);
  expect(result?.queueMs).toBeGreaterThan(3_599_000);
  expect(result?.durationMs).toBeGreaterThanOrEqual(600);
  expect(result?.durationMs).toBeLessThan(60_000);
});

test('a timeout is of the time that it runs, not of its wait', async () => {
  const taskId = await submitTask(db, { code: forever, type, timeoutMs: 700 });
  await sql`update tasks set queued_at = now() - interval '1 h' where id = ${taskId}`.execute(db);
  await queues.dispatch([{ taskId, attempt: 1, type }]);
  await startWorker();
  await eventually(() => statusOf(taskId)).toBe('failed');
  const { reason, result } = await read(taskId);
  expect(reason).toBe('timeout');
  expect(result?.durationMs).toBeGreaterThanOrEqual(700);
});

test('code that fails runs once, and again only if its task asks for it', async () => {
  await startWorker();
  const retry = { limit: 2, delayMs: 50, backoff: 'fixed' as const, on: ['exit_code' as const] };
  const code = 'process.exit(3)';
  const [once, thrice] = [
    await submitTask(db, { code, type }),
    await submitTask(db, { code, type, retry, maxAttempts: 1 }),
  ];
  await queues.dispatch([once, thrice].map((taskId) => ({ taskId, attempt: 1, type })));
  for (const taskId of [once, thrice]) await eventually(() => statusOf(taskId)).toBe('failed');
  expect(await read(once)).toMatchObject({ attempt: 1, retries: 0, result: { exitCode: 3 } });
  const tried = await read(thrice);
  expect(tried).toMatchObject({ attempt: 3, retries: 2, reason: 'exit_code', result: { exitCode: 3 } });
  expect(tried.attempts.map(({ outcome }) => outcome)).toEqual(['exit_code', 'exit_code', 'exit_code']);
});

test('a task that has expired is not run, and its job is gone', async () => {
  await startWorker({ id: 'finds-expired' });
  const taskId = await submitTask(db, { type, expiresInMs: 1 });
  await queues.dispatch([{ taskId, attempt: 1, type }]);
  await eventually(() => log.count('delivery_dropped')).toBe(1);
  expect(await totalsOf('finds-expired')).toMatchObject({ claimed: 0 });
  expect(await statusOf(taskId)).toBe('queued');
  expect(await queuedJobs()).toEqual([]);
});

test('a task runs, and its result is recorded', async () => {
  await startWorker({ id: 'runs' });
  const taskId = await submit('console.log(2+2)');
  await eventually(() => statusOf(taskId)).toBe('completed');
  const task = await read(taskId);
  expect(task).toMatchObject({ reason: 'ok', workerId: 'runs', attempt: 1, result: { exitCode: 0 } });
  expect(Buffer.from(task.result!.stdout).toString()).toBe('4\n');
  expect(await totalsOf('runs')).toMatchObject({ status: 'live', claimed: 1, outcomes: { ok: 1 }, type });
});

test('the code gets what was submitted with it, and its value and figures are recorded', async () => {
  await startWorker({ id: 'gives' });
  const taskId = await submitTask(db, {
    type,
    code: 'module.exports = [process.argv.slice(2), process.env.GIVEN, require("fs").readFileSync("a/b", "utf8")]',
    input: {
      stdin: '',
      args: ['x'],
      env: { GIVEN: 'y' },
      files: [{ path: 'a/b', content: 'z', encoding: 'utf8' }],
    },
    limits: { cpu: 10 },
  });
  await queues.dispatch([{ taskId, attempt: 1, type }]);
  await eventually(() => statusOf(taskId)).toBe('completed');
  expect((await read(taskId)).result).toMatchObject({
    value: [['x'], 'y', 'z'],
    killedBy: null,
    prepareMs: expect.any(Number),
    queueMs: expect.any(Number),
    isolation: { level: 'process' },
  });
});

test('a job that comes twice runs once', async () => {
  const worker = await startWorker({ id: 'twice' });
  const taskId = await submit('console.log(1)');
  await eventually(() => statusOf(taskId)).toBe('completed');
  const queue = new Queue(tasksQueueName(type), { connection: redis, prefix: queuePrefix });
  // As if Redis had forgotten the first one.
  await queue.add('attempt', { taskId, attempt: 1 }, { removeOnComplete: true });
  await eventually(() => log.count('delivery_dropped')).toBe(1);
  await queue.close();
  await worker.drain();
  expect(await totalsOf('twice')).toMatchObject({ claimed: 1, outcomes: { ok: 1 } });
});

test('a job whose worker died is found by the queue: its attempt is lost as a crash, and the next one runs', async () => {
  const dead = await registerDeadWorker(db, 'dies');
  // Another process of the queue's, whose lock runs out at once, and which looks for abandoned jobs all the time.
  const consumer = new Worker(tasksQueueName(type), null, {
    connection: redis,
    prefix: queuePrefix,
    lockDuration: 50,
    stalledInterval: 50,
    maxStalledCount: 0,
  });
  const taskId = await submit('console.log("again")');
  expect((await consumer.getNextJob('nobody'))?.data).toEqual({ taskId, attempt: 1 });
  await claimAttempts(db, dead, [{ taskId, attempt: 1, delivery: 1 }]);

  await consumer.startStalledCheckTimer();
  await eventually(queuedJobs).toHaveLength(1);

  await startWorker({ id: 'finds' });
  await eventually(() => statusOf(taskId)).toBe('completed');
  expect(await read(taskId)).toMatchObject({ attempt: 2, workerId: 'finds' });
  expect(await totalsOf('dies')).toMatchObject({ claimed: 1, outcomes: { lost: 1 } });
  await consumer.close();
});

test('the heartbeat says what runs', async () => {
  await startWorker({ id: 'beats', concurrency: 3 });
  const beat = parseHeartbeat(await redis.get(heartbeatKey('beats')));
  expect(beat).toMatchObject({ type, concurrency: 3, pid: process.pid, draining: false, running: [] });
  expect(beat).toMatchObject({ isolation: { level: 'process' }, pool: { hits: 0, misses: 0 } });
  const ttl = await redis.ttl(heartbeatKey('beats'));
  expect(ttl).toBeGreaterThan(20);
  expect(ttl).toBeLessThanOrEqual(30);
});

describe('a drain', () => {
  test('lets what runs finish, and takes nothing new', async () => {
    const worker = await startWorker({ id: 'finishes', concurrency: 1 });
    const running = await submit('setTimeout(() => console.log("done"), 1000)');
    await eventually(() => statusOf(running)).toBe('running');
    const next = await submit('console.log("next")');
    await worker.drain();
    await eventually(() => statusOf(running)).toBe('completed');
    expect(await statusOf(next)).toBe('queued');
    expect(await redis.exists(heartbeatKey('finishes'))).toBe(0);
    expect(await totalsOf('finishes')).toMatchObject({ status: 'stopped' });

    await startWorker({ id: 'takes-over' });
    await eventually(() => statusOf(next)).toBe('completed');
    expect((await read(next)).workerId).toBe('takes-over');
  });

  test('gives back, after its limit, what does not finish: queued again, uncharged and dispatched', async () => {
    const worker = await startWorker({ id: 'gives-back', drainTimeoutMs: 50 });
    const taskId = await submit(forever);
    await eventually(() => statusOf(taskId)).toBe('running');
    await worker.drain();
    await eventually(() => statusOf(taskId)).toBe('queued');
    await eventually(queuedJobs).toEqual([{ taskId, attempt: 2 }]);
    const charged = await db
      .selectFrom('tasks')
      .select(['attempt', 'losses', 'crashes'])
      .where('id', '=', taskId)
      .executeTakeFirst();
    expect(charged).toEqual({ attempt: 2, losses: 0, crashes: 0 });
    expect(await totalsOf('gives-back')).toMatchObject({ claimed: 1, outcomes: { given_back: 1 } });
  });

  test('may be asked for twice, and of a worker that has just started', async () => {
    const worker = await startWorker({ id: 'drained-twice' });
    await Promise.all([worker.drain(), worker.drain()]);
    await worker.drain();
    expect(await redis.exists(heartbeatKey('drained-twice'))).toBe(0);
    expect(log.count('stopped')).toBe(1);
  });

  test('leaves no connection', async () => {
    const worker = await startWorker({ id: 'leaves' });
    const connections = async () => (await redis.client('LIST')) as string;
    expect(await connections()).toContain('worker:leaves');
    await worker.drain();
    await eventually(connections).not.toContain('worker:leaves');
  });
});

describe('a start', () => {
  test('under an id that is held is refused, and the holder goes on', async () => {
    await startWorker({ id: 'held' });
    const second = startWorker({ id: 'held' });
    await expect(second).rejects.toThrow(StartError);
    await expect(second).rejects.toThrow(/worker id "held" is taken/);
    const taskId = await submit('console.log(1)');
    await eventually(() => statusOf(taskId)).toBe('completed');
    expect(await redis.exists(heartbeatKey('held'))).toBe(1);
  });

  test.each(['live', 'lost'] as const)(
    'under the id of a process that was killed (found %s) loses what that one ran',
    async (found) => {
      const id = `killed-${found}`;
      const dead = await registerDeadWorker(db, id);
      const { taskId } = await runningTask(db, dead, { type, code: 'console.log("again")' });
      if (found === 'lost') await noteLiveness(db, [{ ...dead, verdict: 'lost' }]);
      await startWorker({ id });
      await eventually(() => statusOf(taskId)).toBe('completed');
      expect(await read(taskId)).toMatchObject({ attempt: 2, workerId: id });
      expect(await totalsOf(id)).toMatchObject({ claimed: 2, outcomes: { lost: 1, ok: 1 } });
    },
  );

  test('under the id of a worker that stopped in order leaves alone what it reported', async () => {
    const before = await registerDeadWorker(db, 'stopped-before');
    const { taskId } = await runningTask(db, before, { type });
    await stopWorker(db, before);
    await startWorker({ id: 'stopped-before' });
    expect(await read(taskId)).toMatchObject({ status: 'running', attempt: 1 });
  });

  test('without Postgres is refused, and leaves no heartbeat', async () => {
    const databaseUrl = `postgres://u:hush@127.0.0.1:${await freePort()}/x`;
    const start = startWorker({ id: 'no-postgres', databaseUrl });
    await expect(start).rejects.toThrow(/^Postgres \(--database-url\) is not usable/);
    expect(await redis.exists(heartbeatKey('no-postgres'))).toBe(0);
  });
});

test('a worker whose id another has registered ends, and its jobs are run by others', async () => {
  const id = `w-${randomUUID()}`;
  const worker = await startWorker({ id });
  await sql`update workers set instance = ${randomUUID()} where id = ${id}`.execute(db);
  const taskId = await submit('console.log("ran")');
  await worker.replaced;
  await worker.drain();
  expect(await statusOf(taskId)).toBe('queued');
  await startWorker();
  await eventually(() => statusOf(taskId)).toBe('completed');
  expect(await read(taskId)).toMatchObject({ attempt: 1 });
});

test('a worker that cannot beat takes no jobs until it can', async () => {
  const id = `w-${randomUUID()}`;
  await startWorker({ id, timings: { ...defaultTimings, heartbeatMs: 300, leaseMs: 2_000 } });
  // Of a type that no beat can be written over.
  await redis.multi().del(heartbeatKey(id)).lpush(heartbeatKey(id), 'x').exec();
  await eventually(() => log.count('unheard')).toBe(1);
  // The one that it had asked for already, it may still get: it gives that back.
  const taskIds = [await submit('console.log("ran")'), await submit('console.log("ran")')];
  await eventually(() => log.count('beat_failed')).toBeGreaterThan(5);
  for (const taskId of taskIds) expect((await read(taskId)).attempt).toBeLessThanOrEqual(2);
  await redis.del(heartbeatKey(id));
  for (const taskId of taskIds) await eventually(() => statusOf(taskId)).toBe('completed');
  expect(log.count('heard_again')).toBe(1);
});
