import { tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { useLogLines } from '../../test/log-lines.ts';
import { claim, seedTask, seedWorker } from '../../test/seed.ts';
import { reconcileOnce, startAfresh } from '../../test/start-afresh.ts';
import { useEdge } from '../../test/use-edge.ts';
import { openRedis } from '../open-redis.ts';
import { expireQueued } from './expire-queued.ts';
import { reconcile } from './reconcile.ts';

const edge = await useEdge({ redis: 'expire-queued' });
useLogLines();
startAfresh(edge);

const get = async (id: string): Promise<unknown> => (await edge.fetch(`/tasks/${id}`)).json();

/** Lets the time that tasks had be over, and all of them be due for dispatch. */
async function setExpired(): Promise<void> {
  await sql`
    update tasks set created_at = now() - interval '1 day', expires_at = now() - interval '1 s',
      dispatch_due = case when status = 'queued' then now() end`.execute(edge.db());
}

it('a task that was not started in time ends as expired, and is dispatched no more', async () => {
  const { id, createdAt, expiresAt } = await edge.submit({ code: '1', expiresIn: 60 });
  expect(Date.parse(expiresAt!) - Date.parse(createdAt)).toBe(60_000);
  await edge.redis().flushdb();
  await setExpired();
  expect(await reconcileOnce(edge)).toMatchObject({ expired: 1, dispatched: 0, errors: [] });
  expect(await get(id)).toMatchObject({
    status: 'expired',
    reason: 'expired',
    workerId: null,
    startedAt: null,
    endedAt: expect.any(String),
    attempts: [],
    result: null,
  });
  expect(await edge.redis().exists(`runfleet:${tasksQueueName(edge.type)}:t-${id}-1`)).toBe(0);
  await expect(claim(edge, await seedWorker(edge), [id])).rejects.toThrow('claimed 0 of 1');
});

it('a task that has started is not stopped by it', async () => {
  const { id } = await edge.submit({ code: '1', expiresIn: 60 });
  await claim(edge, await seedWorker(edge), [id]);
  await setExpired();
  expect(await reconcileOnce(edge)).toMatchObject({ expired: 0, errors: [] });
  expect(await get(id)).toMatchObject({ status: 'running' });
});

it('needs no Redis', async () => {
  await edge.submit({ code: '1', expiresIn: 60 });
  await setExpired();
  const down = openRedis({ ...edge.settings, redisUrl: 'http://127.0.0.1:1' });
  expect(await reconcile(edge.db(), down, edge.settings)).toMatchObject({
    expired: 1,
    errors: [{ rule: 'look-at-redis' }],
  });
});

it('goes on in batches up to the bounds of a run', async () => {
  await Promise.all(Array.from({ length: 7 }, () => seedTask(edge, { expiresInMs: 60_000 })));
  await setExpired();
  expect(await expireQueued(edge.db(), { batchSize: 2, batches: 2, budgetMs: 10_000 })).toBe(4);
  expect(await expireQueued(edge.db(), { batchSize: 2, batches: 10, budgetMs: 10_000 })).toBe(3);
});
