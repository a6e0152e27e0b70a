import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { redispatchBounds, redispatchDelayMs } from '../decide/redispatch.ts';
import { defaultTimings } from '../model/timings.ts';
import { makeQueuedDue } from './make-queued-due.ts';
import { takeDueDispatches } from './take-due-dispatches.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

async function makeDue(ids: string[]): Promise<void> {
  await db
    .updateTable('tasks')
    .set({ dispatchDue: sql`now() - interval '1 s'` })
    .where('id', 'in', ids)
    .execute();
}

test('twelve sweeps that race over 500 tasks take each once', async () => {
  const ids = await Promise.all(Array.from({ length: 500 }, () => submitTask(db)));
  await makeDue(ids);
  const takes = await Promise.all(Array.from({ length: 12 }, () => takeDueDispatches(db, 100)));
  const taken = takes.flat().map(({ taskId }) => taskId);
  // A sweep leaves to the others what they hold, so what is left over falls to the next.
  while (taken.length < ids.length) {
    const rest = await takeDueDispatches(db, 100);
    expect(rest).not.toEqual([]);
    taken.push(...rest.map(({ taskId }) => taskId));
  }
  expect(taken.toSorted()).toEqual(ids.toSorted());
});

test('what is taken is not due again until the wait of `redispatchDelayMs` is over', async () => {
  const agesMs = [0, 3_000, 5_000, 60_000, 299_000, 300_000, 86_400_000];
  for (const ageMs of agesMs) {
    const id = await submitTask(db);
    await sql`update tasks set queued_at = now() - ${ageMs}::float8 * interval '1 ms' where id = ${id}`.execute(
      db,
    );
    await makeDue([id]);
    // Within a transaction `now()` stands still, so both sides of the comparison are exact.
    await db.transaction().execute(async (transaction) => {
      expect(await takeDueDispatches(transaction, 10)).toEqual([
        { taskId: id, attempt: 1, type: 'javascript' },
      ]);
      const row = await transaction
        .selectFrom('tasks')
        .select([
          sql<number>`extract(epoch from now() - queued_at)::float8 * 1000`.as('queuedForMs'),
          sql<number>`extract(epoch from dispatch_due - now())::float8 * 1000`.as('delayMs'),
        ])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      expect(row.delayMs).toBeCloseTo(
        redispatchDelayMs(row.queuedForMs, redispatchBounds(defaultTimings)),
        1,
      );
    });
    expect(await takeDueDispatches(db, 10)).toEqual([]);
  }
});

test('what is not due yet, or is not queued, is not taken', async () => {
  await submitTask(db);
  await runningTask(db, await startWorker(db));
  expect(await takeDueDispatches(db, 10)).toEqual([]);
});

test('those that have been due for longest are taken first', async () => {
  const ids = [await submitTask(db), await submitTask(db), await submitTask(db)];
  await makeDue(ids);
  await sql`update tasks set dispatch_due = now() - interval '1 h' where id = ${ids[1]}`.execute(db);
  expect(await takeDueDispatches(db, 1)).toMatchObject([{ taskId: ids[1] }]);
  expect(await takeDueDispatches(db, 10)).toHaveLength(2);
});

test('all that is queued is due at once when the queue is gone', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => submitTask(db)));
  await runningTask(db, await startWorker(db));
  expect(await makeQueuedDue(db, 3)).toBe(3);
  expect(await makeQueuedDue(db, 3)).toBe(2);
  expect(await makeQueuedDue(db, 3)).toBe(0);
  const due = await takeDueDispatches(db, 10);
  expect(due.map(({ taskId }) => taskId).toSorted()).toEqual(ids.toSorted());
});
