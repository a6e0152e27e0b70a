import { defaultTimings } from '@runfleet/shared/model/timings.ts';
import { tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { countRequests } from '../../test/count-requests.ts';
import { claim, seedTask, seedWorker } from '../../test/seed.ts';
import { reconcileOnce, seedManyDue, setBack, startAfresh } from '../../test/start-afresh.ts';
import { useEdge } from '../../test/use-edge.ts';
import { openRedis } from '../open-redis.ts';
import { dispatchDue } from './dispatch-due.ts';

const edge = await useEdge({ redis: 'dispatch-due' });
startAfresh(edge);

const waiting = (type = edge.type) => edge.redis().lrange(`runfleet:${tasksQueueName(type)}:wait`, 0, -1);
const dueInMs = async (id: string) => {
  const row = await edge
    .db()
    .selectFrom('tasks')
    .select(sql<number>`extract(epoch from dispatch_due - now())::float8 * 1000`.as('ms'))
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.ms;
};

describe('a queued task', () => {
  it('that is due is put on the queue of its type', async () => {
    const a = await seedTask(edge);
    const b = await seedTask(edge, { type: `${edge.type}-b` });
    await Promise.all([a, b].map((id) => setBack(edge, 'tasks', 'dispatch_due', id, 0)));
    expect(await reconcileOnce(edge)).toMatchObject({ dispatched: 2, errors: [] });
    expect(await waiting()).toEqual([`t-${a}-1`]);
    expect(await waiting(`${edge.type}-b`)).toEqual([`t-${b}-1`]);
  });

  it('that is not due is left alone, and so is one that runs', async () => {
    await seedTask(edge);
    await claim(edge, await seedWorker(edge), [await seedTask(edge)]);
    expect(await reconcileOnce(edge)).toMatchObject({ dispatched: 0, errors: [] });
    expect(await waiting()).toEqual([]);
  });

  it('is due again after as long as it has been queued, so that a dispatch that is lost is made up for', async () => {
    const id = await seedTask(edge);
    await setBack(edge, 'tasks', 'queued_at', id, 60);
    await setBack(edge, 'tasks', 'dispatch_due', id, 1);
    await reconcileOnce(edge);
    const ms = await dueInMs(id);
    expect(ms).toBeGreaterThan(30_000);
    expect(ms).toBeLessThanOrEqual(61_000);
  });

  it('is one job, however often it is dispatched', async () => {
    const id = await seedTask(edge);
    for (let run = 0; run < 3; run++) {
      await setBack(edge, 'tasks', 'dispatch_due', id, 1);
      expect(await reconcileOnce(edge)).toMatchObject({ dispatched: 1 });
    }
    expect(await waiting()).toEqual([`t-${id}-1`]);
  });

  it('stays to be dispatched when its queue refuses it', async () => {
    const id = await seedTask(edge);
    await setBack(edge, 'tasks', 'dispatch_due', id, 1);
    // Something else has taken the key of the waiting list.
    await edge.redis().set(`runfleet:${tasksQueueName(edge.type)}:wait`, 'not a list');
    const summary = await reconcileOnce(edge);
    expect(summary).toMatchObject({ dispatched: 0, errors: [{ rule: 'dispatch-due' }] });

    await edge
      .redis()
      .del(`runfleet:${tasksQueueName(edge.type)}:wait`, `runfleet:${tasksQueueName(edge.type)}:t-${id}-1`);
    await setBack(edge, 'tasks', 'dispatch_due', id, 1);
    expect(await reconcileOnce(edge)).toMatchObject({ dispatched: 1, errors: [] });
    expect(await waiting()).toEqual([`t-${id}-1`]);
  });
});

describe('many that are due', () => {
  it('cost one request to each for a hundred of them', async () => {
    await seedManyDue(edge, 250);
    const count = await countRequests(edge, () =>
      dispatchDue(edge.db(), edge.redis(), defaultTimings, 1_000),
    );
    expect(count).toEqual({ postgres: 3, redis: 3 });
    expect(await waiting()).toHaveLength(250);
  });

  it('are dispatched up to the bound of a run, and the rest by the next', async () => {
    await seedManyDue(edge, 230);
    expect(await dispatchDue(edge.db(), edge.redis(), defaultTimings, 210)).toBe(210);
    expect(await waiting()).toHaveLength(210);
    expect(await dispatchDue(edge.db(), edge.redis(), defaultTimings, 210)).toBe(20);
    expect(await waiting()).toHaveLength(230);
  });

  it('are taken no further than the batch that Redis did not take', async () => {
    await seedManyDue(edge, 250);
    const down = openRedis({ ...edge.settings, redisUrl: 'http://127.0.0.1:1' });
    await expect(dispatchDue(edge.db(), down, defaultTimings, 1_000)).rejects.toThrow();
    expect(await dispatchDue(edge.db(), edge.redis(), defaultTimings, 1_000)).toBe(150);
  });
});
