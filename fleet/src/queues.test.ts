import { randomUUID } from 'node:crypto';
import { queuePrefix, tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeEach, expect, inject, test } from 'vitest';
import { nextTaskId } from '../../shared/test/tasks.ts';
import { createLogger } from './log.ts';
import { Queues } from './queues.ts';

const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
const types = [`a${randomUUID().slice(0, 8)}`, `b${randomUUID().slice(0, 8)}`];
const [one, other] = types.map(
  (type) => new Queue(tasksQueueName(type), { connection: redis, prefix: queuePrefix }),
);
let queues: Queues;

beforeEach(() => {
  queues = new Queues(redis, createLogger('test', 'silent'));
});
afterEach(async () => {
  await queues.close();
  for (const queue of [one!, other!]) await queue.obliterate({ force: true });
});
afterAll(async () => {
  await Promise.all([one!.close(), other!.close()]);
  redis.disconnect();
});

test('each attempt goes to the queue of its type, as ids only', async () => {
  const [first, second] = [nextTaskId(), nextTaskId()];
  await queues.dispatch([
    { taskId: first, attempt: 1, type: types[0]! },
    { taskId: second, attempt: 2, type: types[1]! },
  ]);
  expect((await one!.getWaiting()).map(({ data }) => data as unknown)).toEqual([
    { taskId: first, attempt: 1 },
  ]);
  expect((await other!.getWaiting()).map(({ data }) => data as unknown)).toEqual([
    { taskId: second, attempt: 2 },
  ]);
});

test('the same attempt twice is one job', async () => {
  const attempt = { taskId: nextTaskId(), attempt: 1, type: types[0]! };
  await queues.dispatch([attempt, attempt]);
  await queues.dispatch([attempt]);
  expect(await one!.getWaitingCount()).toBe(1);
});

test('an attempt with a delay is handed to nobody before, and a second dispatch does not hasten it', async () => {
  const attempt = { taskId: nextTaskId(), attempt: 2, type: types[0]! };
  await queues.dispatch([{ ...attempt, delayMs: 60_000 }]);
  await queues.dispatch([attempt]);
  expect(await one!.getWaitingCount()).toBe(0);
  expect((await one!.getDelayed()).map(({ id, delay }) => ({ id, delay }))).toEqual([
    { id: `t-${attempt.taskId}-2`, delay: 60_000 },
  ]);
});

test('nothing to dispatch opens nothing', async () => {
  await queues.dispatch([]);
  expect(await redis.exists(one!.toKey('meta'))).toBe(0);
});

test('closing twice does no harm, and the connection stays its owner’s', async () => {
  await queues.dispatch([{ taskId: nextTaskId(), attempt: 1, type: types[0]! }]);
  await queues.close();
  await queues.close();
  expect(await redis.ping()).toBe('PONG');
});
