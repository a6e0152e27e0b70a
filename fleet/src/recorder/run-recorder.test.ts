import { findTask } from '@runfleet/shared/db/find-task.ts';
import { listWorkers } from '@runfleet/shared/db/list-workers.ts';
import {
  queuePrefix,
  resultJob,
  resultsQueueName,
  tasksQueueName,
  type ResultPayload,
} from '@runfleet/shared/queue/contract.ts';
import { defaultTimings } from '@runfleet/shared/model/timings.ts';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { cloneDatabase } from '../../../shared/test/database.ts';
import { endedAttempt, runningTask, startWorker, type TestWorker } from '../../../shared/test/tasks.ts';
import { collectLog, type CollectedLog } from '../../test/collect-log.ts';
import { eventually } from '../../test/eventually.ts';
import { freePort, startRedis } from '../../test/start-redis.ts';
import { startTcpProxy } from '../../test/tcp-proxy.ts';
import { StartError } from '../start-error.ts';
import { recordResults } from './record-results.ts';
import { runRecorder, type RunningRecorder } from './run-recorder.ts';

// The results queue has one name, so a Redis of this file's own.
const ownRedis = await startRedis();
const database = await cloneDatabase();
const { db } = database;
const redis = new Redis(ownRedis.url, { maxRetriesPerRequest: null });
const results = new Queue(resultsQueueName, { connection: redis, prefix: queuePrefix });
afterAll(async () => {
  await results.close();
  redis.disconnect();
  await database.drop();
  await ownRedis.stop();
});

let log: CollectedLog;
let recorders: RunningRecorder[];
beforeEach(() => {
  log = collectLog();
  recorders = [];
});
afterEach(async () => {
  await Promise.all(recorders.map((recorder) => recorder.drain()));
  await results.obliterate({ force: true });
});

async function startRecorder(databaseUrl = database.url): Promise<RunningRecorder> {
  const recorder = await runRecorder(
    { redisUrl: ownRedis.url, databaseUrl, batchSize: 50, drainTimeoutMs: 1_000, timings: defaultTimings },
    log.logger,
  );
  recorders.push(recorder);
  return recorder;
}

async function pushResult(result: ResultPayload): Promise<void> {
  const { name, data, opts } = resultJob(result);
  await results.add(name, data, opts);
}

const jobsLeft = () => results.getJobCountByTypes('waiting', 'active', 'completed', 'failed', 'delayed');
const statusOf = async (taskId: string) => (await findTask(db, 'acme', taskId))?.status;
const runningResult = async (worker: TestWorker): Promise<ResultPayload> =>
  endedAttempt(await runningTask(db, worker), worker);

test('what waits is recorded in batches, and its jobs are gone', async () => {
  const worker = await startWorker(db);
  const waiting = await Promise.all(Array.from({ length: 200 }, () => runningResult(worker)));
  await Promise.all(waiting.map(pushResult));
  const recorder = await startRecorder();
  await eventually(() => recorder.counts().recorded).toBe(200);
  expect(recorder.counts().statements).toBeLessThan(100);
  await eventually(jobsLeft).toBe(0);
  expect((await listWorkers(db, 'acme', worker.id))[0]?.outcomes).toEqual({ ok: 200 });
});

test('several recorders at once record each result once', async () => {
  const worker = await startWorker(db);
  const waiting = await Promise.all(Array.from({ length: 100 }, () => runningResult(worker)));
  const both = await Promise.all([startRecorder(), startRecorder()]);
  await Promise.all(waiting.map(pushResult));
  await eventually(() => both.reduce((sum, recorder) => sum + recorder.counts().recorded, 0)).toBe(100);
  expect((await listWorkers(db, 'acme', worker.id))[0]?.outcomes).toEqual({ ok: 100 });
});

test('a result whose recorder died between commit and acknowledgement does no harm when it comes again', async () => {
  const worker = await startWorker(db);
  const result = await runningResult(worker);
  await recordResults(db, [result]);
  await pushResult(result);
  const recorder = await startRecorder();
  await eventually(() => recorder.counts().dropped).toBe(1);
  await eventually(jobsLeft).toBe(0);
  expect((await listWorkers(db, 'acme', worker.id))[0]).toMatchObject({ outcomes: { ok: 1 }, busyMs: 12.5 });
});

test('a failure that its task retries is put on its queue, to be handed out when its delay is over', async () => {
  const worker = await startWorker(db);
  const retry = { limit: 1, delayMs: 700, backoff: 'fixed' as const, on: ['exit_code' as const] };
  const held = await runningTask(db, worker, { type: 'retried', retry });
  const tasks = new Queue(tasksQueueName('retried'), { connection: redis, prefix: queuePrefix });
  await startRecorder();
  const pushedAtMs = Date.now();
  await pushResult(endedAttempt(held, worker, { reason: 'exit_code', exitCode: 1 }));
  await eventually(async () => (await tasks.getDelayed()).map(({ id, data }) => ({ id, data }))).toEqual([
    { id: `t-${held.taskId}-2`, data: { taskId: held.taskId, attempt: 2 } },
  ]);
  expect(await statusOf(held.taskId)).toBe('queued');

  let handedOutAtMs = 0;
  const consumer = new Worker(
    tasks.name,
    async () => {
      handedOutAtMs = Date.now();
    },
    { connection: redis, prefix: queuePrefix },
  );
  await eventually(() => handedOutAtMs).toBeGreaterThan(0);
  expect(handedOutAtMs - pushedAtMs).toBeGreaterThanOrEqual(700);
  await consumer.close();
  await tasks.obliterate({ force: true });
  await tasks.close();
});

test('an attempt that was given back is dispatched again', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker, { type: 'given-back' });
  const tasks = new Queue(tasksQueueName('given-back'), { connection: redis, prefix: queuePrefix });
  await startRecorder();
  await pushResult({
    ...held,
    workerId: worker.id,
    outcome: { kind: 'given_back', cause: 'drain', durationMs: 1 },
  });
  await eventually(async () => (await tasks.getWaiting()).map(({ data }) => data as unknown)).toEqual([
    { taskId: held.taskId, attempt: 2 },
  ]);
  await tasks.close();
});

test('while Postgres is away results wait, and are recorded when it is back', async () => {
  const worker = await startWorker(db);
  const proxy = await startTcpProxy(database.url);
  const recorder = await startRecorder(proxy.url);
  const [first, second] = [await runningResult(worker), await runningResult(worker)];
  proxy.cut();
  await pushResult(first);
  await eventually(() => log.count('record_failed')).toBeGreaterThan(0);
  await pushResult(second);
  expect(await statusOf(first.taskId)).toBe('running');
  proxy.mend();
  await eventually(() => recorder.counts().recorded).toBe(2);
  expect([await statusOf(first.taskId), await statusOf(second.taskId)]).toEqual(['completed', 'completed']);
  await recorder.drain();
  await proxy.close();
});

test('a drain while Postgres is away puts the results back, and the next recorder records them', async () => {
  const worker = await startWorker(db);
  const proxy = await startTcpProxy(database.url);
  const recorder = await startRecorder(proxy.url);
  const result = await runningResult(worker);
  proxy.cut();
  await pushResult(result);
  await eventually(() => log.count('record_failed')).toBeGreaterThan(0);
  await recorder.drain();
  expect(log.count('drain_timeout')).toBe(1);
  expect(await results.getWaitingCount()).toBe(1);
  await proxy.close();

  await startRecorder();
  await eventually(() => statusOf(result.taskId)).toBe('completed');
  await eventually(jobsLeft).toBe(0);
}, 60_000);

test('connections that Postgres ends are replaced', async () => {
  const worker = await startWorker(db);
  const recorder = await startRecorder();
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'runfleet recorder'`.execute(db);
  const result = await runningResult(worker);
  await pushResult(result);
  await eventually(() => statusOf(result.taskId)).toBe('completed');
  expect(recorder.counts().recorded).toBe(1);
});

test('a job that is no result is set aside to be looked at, and the others are recorded', async () => {
  const worker = await startWorker(db);
  await results.add('outcome', { taskId: 'what?' }, { removeOnFail: { age: 60 } });
  const result = await runningResult(worker);
  await pushResult(result);
  await startRecorder();
  await eventually(() => statusOf(result.taskId)).toBe('completed');
  await eventually(() => results.getFailedCount()).toBe(1);
  expect(log.count('result_failed')).toBe(1);
});

test('a drain records what is in hand, and may be asked for twice', async () => {
  const worker = await startWorker(db);
  const waiting = await Promise.all(Array.from({ length: 20 }, () => runningResult(worker)));
  await Promise.all(waiting.map(pushResult));
  const recorder = await startRecorder();
  await Promise.all([recorder.drain(), recorder.drain()]);
  const { recorded } = recorder.counts();
  expect(recorded + (await jobsLeft())).toBe(20);
});

test('services that are not there are a clear refusal to start', async () => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  const start = (redisUrl: string, databaseUrl: string) =>
    runRecorder(
      { redisUrl, databaseUrl, batchSize: 1, drainTimeoutMs: 1_000, timings: defaultTimings },
      log.logger,
    );
  await expect(start(ownRedis.url, `postgres://u:p@${nowhere}/x`)).rejects.toThrow(StartError);
});
