import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, test } from 'vitest';
import { cloneDatabase } from '../../../shared/test/database.ts';
import { endedAttempt, runningTask, startWorker, submitTask } from '../../../shared/test/tasks.ts';
import { recordOutcomes } from '@runfleet/shared/db/record-outcomes.ts';
import { recoverStalled } from './recover-stalled.ts';

const database = await cloneDatabase();
const { db } = database;
const redis = new Redis(inject('redisUrl'));
afterAll(async () => {
  redis.disconnect();
  await database.drop();
});

const readLosses = (id: string) =>
  db
    .selectFrom('tasks')
    .select(['losses', 'crashes', 'status'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();

test('the attempt of a worker that does not beat is lost as a crash, and its next one is to be dispatched', async () => {
  const { taskId } = await runningTask(db, await startWorker(db));
  expect(await recoverStalled(db, redis, { taskId, attempt: 1 })).toMatchObject([{ taskId, attempt: 2 }]);
  expect(await readLosses(taskId)).toEqual({ losses: 1, crashes: 1, status: 'queued' });
});

test('a worker that still beats did not crash', async () => {
  const worker = await startWorker(db);
  const { taskId } = await runningTask(db, worker);
  await redis.set(heartbeatKey(worker.id), '{}');
  expect(await recoverStalled(db, redis, { taskId, attempt: 1 })).toMatchObject([{ taskId, attempt: 2 }]);
  expect(await readLosses(taskId)).toEqual({ losses: 1, crashes: 0, status: 'queued' });
  await redis.del(heartbeatKey(worker.id));
});

test('of many workers that see the same abandoned job, one recovers it', async () => {
  const { taskId } = await runningTask(db, await startWorker(db));
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => recoverStalled(db, redis, { taskId, attempt: 1 })),
  );
  expect(answers.flat()).toHaveLength(1);
  expect((await readLosses(taskId)).losses).toBe(1);
});

test('a task that has no attempts left ends, and nothing is dispatched', async () => {
  const { taskId } = await runningTask(db, await startWorker(db), { maxAttempts: 1 });
  expect(await recoverStalled(db, redis, { taskId, attempt: 1 })).toEqual([]);
  expect((await readLosses(taskId)).status).toBe('failed');
});

test('an attempt that nobody had claimed is to be dispatched again, and is not charged', async () => {
  const taskId = await submitTask(db);
  expect(await recoverStalled(db, redis, { taskId, attempt: 1 })).toMatchObject([{ taskId, attempt: 1 }]);
  expect(await readLosses(taskId)).toEqual({ losses: 0, crashes: 0, status: 'queued' });
  expect(await recoverStalled(db, redis, { taskId, attempt: 2 })).toEqual([]);
});

test('what has ended, or has another attempt, is left alone', async () => {
  const worker = await startWorker(db);
  const ended = await runningTask(db, worker);
  await recordOutcomes(db, [endedAttempt(ended, worker)]);
  expect(await recoverStalled(db, redis, { taskId: ended.taskId, attempt: 1 })).toEqual([]);
  const running = await runningTask(db, worker);
  expect(await recoverStalled(db, redis, { taskId: running.taskId, attempt: 2 })).toEqual([]);
  expect((await readLosses(running.taskId)).status).toBe('running');
});
