import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, test } from 'vitest';
import { endedOutcome } from '../../test/outcomes.ts';
import { nextTaskId } from '../../test/tasks.ts';
import {
  attemptJob,
  attemptPayloadSchema,
  queuePrefix,
  resultJob,
  resultPayloadSchema,
  tasksQueueName,
  workerIdPattern,
  workerTypePattern,
} from './contract.ts';

const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
const queueName = tasksQueueName(`contract-${randomUUID().slice(0, 8)}`);
const queue = new Queue(queueName, { connection: redis, prefix: queuePrefix });
afterAll(async () => {
  await queue.obliterate({ force: true });
  await queue.close();
  await redis.quit();
});

const someResult = () => ({
  taskId: nextTaskId(),
  attempt: 1,
  delivery: 1,
  workerId: 'worker-1',
  outcome: endedOutcome(),
});

test('the same attempt twice is one job', async () => {
  const { name, data, opts } = attemptJob({ taskId: nextTaskId(), attempt: 1 });
  const first = await queue.add(name, data, opts);
  const second = await queue.add(name, data, opts);
  expect(second.id).toBe(first.id);
  expect(await queue.getJobCountByTypes('waiting')).toBe(1);
  await first.remove();
});

test('the next attempt of a task is another job', async () => {
  const taskId = nextTaskId();
  const jobs = await queue.addBulk([attemptJob({ taskId, attempt: 1 }), attemptJob({ taskId, attempt: 2 })]);
  expect(await queue.getJobCountByTypes('waiting')).toBe(2);
  await Promise.all(jobs.map((job) => job.remove()));
});

test('BullMQ takes the job of an outcome under our id', async () => {
  const { name, data, opts } = resultJob(someResult());
  const job = await queue.add(name, data, opts);
  expect(job.id).toBe(opts.jobId);
  expect((await queue.getJob(opts.jobId))?.data).toEqual(data);
  await job.remove();
});

/** Names of BullMQ's own keys; a job that is called like one breaks the whole queue. */
const reservedWords = [
  'wait', 'active', 'paused', 'delayed', 'prioritized', 'waiting-children', 'completed', 'failed', 'stalled',
  'stalled-check', 'events', 'meta', 'marker', 'id', 'pc', 'limiter', 'repeat', 'de', 'metrics',
]; // prettier-ignore

test('no id of ours is a whole number, has a colon, or is a word of BullMQ', () => {
  const fence = fc.record({ taskId: fc.uuid(), attempt: fc.nat(), delivery: fc.nat() });
  fc.assert(
    fc.property(fence, (of) => {
      for (const { jobId } of [attemptJob(of).opts, resultJob({ ...someResult(), ...of }).opts]) {
        expect(jobId).toMatch(/^[tr]-[0-9a-f-]{36}-\d/);
        expect(jobId).not.toContain(':');
        expect(reservedWords).not.toContain(jobId);
      }
    }),
  );
});

test('different attempts and deliveries have different ids', () => {
  const taskId = nextTaskId();
  const number = fc.integer({ min: 1, max: 2000 });
  fc.assert(
    fc.property(number, number, number, number, (attempt, delivery, otherAttempt, otherDelivery) => {
      const one = resultJob({ ...someResult(), taskId, attempt, delivery }).opts.jobId;
      const other = resultJob({ ...someResult(), taskId, attempt: otherAttempt, delivery: otherDelivery })
        .opts.jobId;
      expect(one === other).toBe(attempt === otherAttempt && delivery === otherDelivery);
    }),
  );
});

test('an attempt travels as ids only, whatever else stands beside them', () => {
  const attempt = {
    taskId: nextTaskId(),
    attempt: 2,
    type: 'javascript',
    code: 'secret()',
    prompt: 'secret',
  };
  const job = attemptJob(attempt);
  expect(Object.keys(job.data).toSorted()).toEqual(['attempt', 'taskId']);
  expect(JSON.stringify(job)).not.toContain('secret');
  expect(attemptPayloadSchema.parse(job.data)).toEqual(job.data);
});

test('a payload with anything more or less is refused', () => {
  expect(attemptPayloadSchema.safeParse({ taskId: nextTaskId(), attempt: 1, code: '1' }).success).toBe(false);
  expect(attemptPayloadSchema.safeParse({ taskId: nextTaskId() }).success).toBe(false);
  expect(resultPayloadSchema.safeParse({ ...someResult(), delivery: 0 }).success).toBe(false);
  expect(resultPayloadSchema.safeParse({ ...someResult(), status: 'completed' }).success).toBe(false);
});

test('BullMQ never retries by itself: attempts are minted in Postgres', () => {
  expect(attemptJob({ taskId: nextTaskId(), attempt: 1 }).opts.attempts).toBe(1);
  expect(resultJob(someResult()).opts.attempts).toBe(1);
});

test('only an attempt that has to wait has a delay', () => {
  const attempt = { taskId: nextTaskId(), attempt: 2 };
  expect(attemptJob({ ...attempt, delayMs: 1_500 }).opts).toMatchObject({ delay: 1_500 });
  for (const job of [attemptJob(attempt), attemptJob({ ...attempt, delayMs: 0 })])
    expect(job.opts).not.toHaveProperty('delay');
  expect(attemptJob({ ...attempt, delayMs: 1_500 }).data).toEqual(attempt);
});

test('a name of a worker type can be part of a queue name, and an id of a worker part of a key', () => {
  for (const type of ['', 'A', '1a', 'a:b', 'a b', 'a'.repeat(33)])
    expect(type).not.toMatch(workerTypePattern);
  for (const type of ['a', 'javascript', 'node-24', 'a'.repeat(32)]) expect(type).toMatch(workerTypePattern);
  for (const id of ['', '-a', '.', 'a:b', 'a b', 'a\n', '../x', 'a'.repeat(65)])
    expect(id).not.toMatch(workerIdPattern);
  for (const id of ['a', 'worker-1', 'Host.7_b', 'a'.repeat(64)]) expect(id).toMatch(workerIdPattern);
});
