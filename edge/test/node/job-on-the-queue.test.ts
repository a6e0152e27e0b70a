import { attemptJob, queuePrefix, tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { Queue, Worker, type Job } from 'bullmq';
import { afterAll, expect, inject, it } from 'vitest';
import { dispatchAll, dispatchOne } from '../../src/queue/dispatch.ts';
import { openRedis } from '../../src/open-redis.ts';
import type { Settings } from '../../src/bindings.ts';

/*
 * The edge's own enqueueing, in Node, where it can be held against BullMQ over TCP.
 */

const redis = openRedis({ redisUrl: inject('gatewayUrl'), redisToken: inject('gatewayToken') } as Settings);
const { hostname, port } = new URL(inject('redisUrl'));
const connection = { host: hostname, port: Number(port) };
const type = `parity-${crypto.randomUUID().slice(0, 13)}`;
const name = tasksQueueName(type);
const overTcp = new Queue(name, {
  connection,
  prefix: queuePrefix,
  skipVersionCheck: true,
  skipMetasUpdate: true,
});

afterAll(async () => {
  await overTcp.obliterate({ force: true });
  await overTcp.close();
});

const attempt = () => ({ taskId: crypto.randomUUID(), attempt: 1, type });

/** Every key that the queue has, each with its type, and the fields of one job. */
async function look(taskId: string) {
  const prefix = `${queuePrefix}:${name}:`;
  const keys = await redis.keys(`${prefix}*`);
  const fields = await redis.eval<[], string[]>(
    `return redis.call('HGETALL', KEYS[1])`,
    [`${prefix}t-${taskId}-1`],
    [],
  );
  const job = Object.fromEntries(
    fields.flatMap((field, index) => (index % 2 ? [] : [[field, fields[index + 1]]])),
  );
  const kinds = await Promise.all(
    keys
      .filter((key) => !key.includes(':t-'))
      .toSorted()
      .map(async (key) => [key.slice(prefix.length), await redis.type(key)]),
  );
  return {
    kinds,
    job: {
      ...job,
      timestamp: 'a time',
      data: String(job['data']).replace(taskId, 'a task'),
      opts: String(job['opts']).replace(taskId, 'a task'),
    },
  };
}

it.each([
  ['one', async (attempts: ReturnType<typeof attempt>) => dispatchOne(redis, attempts)],
  ['in bulk', async (attempts: ReturnType<typeof attempt>) => dispatchAll(redis, [attempts])],
])('a job added by the edge (%s) is, field for field, one that BullMQ adds over TCP', async (_, dispatch) => {
  await overTcp.obliterate({ force: true });
  const ours = attempt();
  await dispatch(ours);
  const byEdge = await look(ours.taskId);

  await overTcp.obliterate({ force: true });
  const theirs = attempt();
  const job = attemptJob(theirs);
  await overTcp.add(job.name, job.data, job.opts);
  const byBullmq = await look(theirs.taskId);

  expect(byEdge).toEqual(byBullmq);
  expect(byEdge.job).toMatchObject({ name: 'attempt', data: '{"taskId":"a task","attempt":1}' });
});

it('a plain BullMQ worker consumes what the edge adds, in its order, each once', async () => {
  await overTcp.obliterate({ force: true });
  const attempts = Array.from({ length: 20 }, attempt);
  await dispatchOne(redis, attempts[0]!);
  await dispatchAll(redis, attempts.slice(1));
  await dispatchAll(redis, attempts); // the same again is nothing new

  const seen: Job[] = [];
  let finish = () => {};
  const drained = new Promise<void>((resolve) => (finish = resolve));
  const worker = new Worker(
    name,
    async (job) => {
      seen.push(job);
    },
    { connection, prefix: queuePrefix, drainDelay: 1 },
  );
  worker.on('error', () => {});
  worker.on('drained', finish);
  await drained;
  await worker.close();

  expect(seen.map((job) => job.data as unknown)).toEqual(
    attempts.map(({ taskId }) => ({ taskId, attempt: 1 })),
  );
  expect(seen.map((job) => job.id)).toEqual(attempts.map(({ taskId }) => `t-${taskId}-1`));
  expect(seen.every((job) => job.attemptsStarted === 1 && job.opts.attempts === 1)).toBe(true);
});
