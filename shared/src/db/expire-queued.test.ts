import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { claimAttempts } from './claim-attempts.ts';
import { expireQueued } from './expire-queued.ts';
import { findTask } from './find-task.ts';
import { giveBackAttempts } from './give-back-attempts.ts';
import { recordOutcomes } from './record-outcomes.ts';
import { takeDueDispatches } from './take-due-dispatches.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

/** Lets the time of tasks be over since so many seconds; they were made a day ago. */
async function setExpired(ids: string[], seconds = 1): Promise<void> {
  await sql`
    update tasks set created_at = now() - interval '1 day', expires_at = now() - ${seconds}::float8 * interval '1 s'
    where id = any(${ids}::uuid[])`.execute(db);
}

const statusOf = async (id: string) => (await findTask(db, 'acme', id))?.status;
const firstOf = (taskId: string) => ({ taskId, attempt: 1, delivery: 1 });

test('a task that was not started in time has expired, and cannot be claimed before or after that is said', async () => {
  const worker = await startWorker(db);
  const id = await submitTask(db, { expiresInMs: 60_000 });
  await setExpired([id]);
  expect(await claimAttempts(db, worker, [firstOf(id)])).toEqual([]);
  expect(await expireQueued(db, 10)).toBe(1);
  expect(await findTask(db, 'acme', id)).toMatchObject({
    status: 'expired',
    reason: 'expired',
    startedAt: null,
    endedAt: expect.any(Date),
    attempts: [],
    result: null,
  });
  expect(await claimAttempts(db, worker, [firstOf(id)])).toEqual([]);
  expect(await expireQueued(db, 10)).toBe(0);
});

test('a task that has time left, or all the time there is, waits on and can be claimed', async () => {
  const worker = await startWorker(db);
  const ids = [await submitTask(db, { expiresInMs: 60_000 }), await submitTask(db)];
  expect(await expireQueued(db, 10)).toBe(0);
  expect(await claimAttempts(db, worker, ids.map(firstOf))).toHaveLength(2);
});

test('a task that was started does not expire: not while it runs, nor when it is handed out again, nor queued anew', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker, { expiresInMs: 60_000 });
  await setExpired([held.taskId]);
  expect(await expireQueued(db, 10)).toBe(0);
  const later = { ...held, delivery: 2 };
  expect(await claimAttempts(db, worker, [later])).toHaveLength(1);
  await giveBackAttempts(db, [{ ...later, workerId: worker.id, durationMs: 1 }]);
  expect(await expireQueued(db, 10)).toBe(0);
  const second = { ...held, attempt: 2 };
  expect(await claimAttempts(db, worker, [second])).toHaveLength(1);
  expect(await recordOutcomes(db, [endedAttempt(second, worker)])).toHaveLength(1);
});

test('what has expired is not dispatched any more, and what was started is', async () => {
  const worker = await startWorker(db);
  const expired = await submitTask(db, { expiresInMs: 60_000 });
  const held = await runningTask(db, worker, { expiresInMs: 60_000 });
  await giveBackAttempts(db, [{ ...held, workerId: worker.id, durationMs: 1 }]);
  await setExpired([expired, held.taskId]);
  await sql`update tasks set dispatch_due = now()`.execute(db);
  expect(await takeDueDispatches(db, 10)).toMatchObject([{ taskId: held.taskId, attempt: 2 }]);
});

test('of a claim and a sweep that race, one gets the task', async () => {
  const worker = await startWorker(db);
  for (let round = 0; round < 20; round += 1) {
    const id = await submitTask(db, { expiresInMs: 60_000 });
    await sql`
      update tasks set created_at = now() - interval '1 day', expires_at = clock_timestamp() + interval '2 ms'
      where id = ${id}`.execute(db);
    const [claimed, ...sweeps] = await Promise.all([
      claimAttempts(db, worker, [firstOf(id)]),
      ...Array.from({ length: 8 }, () => expireQueued(db, 10)),
    ]);
    const expired = sweeps.reduce((sum, count) => sum + count, 0);
    if (claimed.length + expired === 0) expect(await expireQueued(db, 10)).toBe(1);
    else expect(claimed.length + expired).toBe(1);
    expect(await statusOf(id)).toBe(claimed.length === 1 ? 'running' : 'expired');
  }
});

test('a run ends no more than its limit, those first that expired first', async () => {
  const ids = [await submitTask(db), await submitTask(db), await submitTask(db)];
  await setExpired([ids[0]!], 1);
  await setExpired([ids[1]!], 3);
  await setExpired([ids[2]!], 2);
  expect(await expireQueued(db, 2)).toBe(2);
  expect(await Promise.all(ids.map(statusOf))).toEqual(['queued', 'expired', 'expired']);
  expect(await expireQueued(db, 2)).toBe(1);
});
