import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { recordOutcomes } from './record-outcomes.ts';
import { removeEndedTasks } from './remove-ended-tasks.ts';
import { removeGoneWorkers } from './remove-gone-workers.ts';
import { stopWorker } from './stop-worker.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

const dayMs = 86_400_000;

/** A task that ended this long ago. Ended rows cannot be changed, so the trigger has to look away. */
async function endedTask(agoMs: number): Promise<string> {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  await recordOutcomes(db, [endedAttempt(held, worker)]);
  await db.transaction().execute(async (transaction) => {
    await sql`set local session_replication_role = replica`.execute(transaction);
    await sql`
      update tasks set ended_at = now() - ${agoMs}::float8 * interval '1 ms' where id = ${held.taskId}`.execute(
      transaction,
    );
  });
  return held.taskId;
}

async function goneWorker(agoMs: number): Promise<string> {
  const worker = await startWorker(db);
  await stopWorker(db, worker);
  await sql`
    update workers set ended_at = now() - ${agoMs}::float8 * interval '1 ms' where id = ${worker.id}`.execute(
    db,
  );
  return worker.id;
}

const idsOf = async (table: 'tasks' | 'workers') =>
  (await db.selectFrom(table).select('id').execute()).map(({ id }) => id).toSorted();

test('only tasks that ended before the retention are removed, with all that belongs to them', async () => {
  await endedTask(2 * dayMs);
  const young = await endedTask(dayMs / 2);
  const queued = await submitTask(db);
  const { taskId: running } = await runningTask(db, await startWorker(db));
  expect(await removeEndedTasks(db, dayMs, 100)).toBe(1);
  expect(await idsOf('tasks')).toEqual([young, queued, running].toSorted());
  const results = await db.selectFrom('results').select('taskId').execute();
  const attempts = await db.selectFrom('attempts').select('taskId').execute();
  expect(results).toEqual([{ taskId: young }]);
  expect(attempts.map(({ taskId }) => taskId).toSorted()).toEqual([young, running].toSorted());
});

test('a run removes no more tasks than its limit, the oldest first', async () => {
  const [old, older, oldest] = [
    await endedTask(3 * dayMs),
    await endedTask(4 * dayMs),
    await endedTask(5 * dayMs),
  ];
  expect(await removeEndedTasks(db, dayMs, 1)).toBe(1);
  expect(await idsOf('tasks')).toEqual([old, older].toSorted());
  expect(await removeEndedTasks(db, dayMs, 1)).toBe(1);
  expect(await idsOf('tasks')).toEqual([old]);
  expect(oldest).not.toBe(old);
});

test('only workers that are gone for longer than the retention are removed, no more than the limit', async () => {
  const live = await startWorker(db);
  await goneWorker(3 * dayMs);
  const later = await goneWorker(2 * dayMs);
  const young = await goneWorker(dayMs / 2);
  expect(await removeGoneWorkers(db, dayMs, 1)).toBe(1);
  expect(await idsOf('workers')).toEqual([live.id, later, young].toSorted());
  expect(await removeGoneWorkers(db, dayMs, 10)).toBe(1);
  expect(await removeGoneWorkers(db, dayMs, 10)).toBe(0);
  expect(await idsOf('workers')).toEqual([live.id, young].toSorted());
});
