import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, runningTask, startWorker } from '../../test/tasks.ts';
import { claimAttempts } from './claim-attempts.ts';
import { giveBackAttempts } from './give-back-attempts.ts';
import { listWorkers } from './list-workers.ts';
import { recordOutcomes } from './record-outcomes.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

const readTask = (id: string) =>
  db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

test('a task that is given back is queued with a new attempt, and charged for nothing', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker, { maxAttempts: 1 });
  const toDispatch = await giveBackAttempts(db, [{ ...held, workerId: worker.id, durationMs: 40 }]);
  expect(toDispatch).toEqual([{ taskId: held.taskId, attempt: 2, type: 'javascript' }]);
  const task = await readTask(held.taskId);
  expect(task).toMatchObject({
    status: 'queued',
    attempt: 2,
    delivery: 0,
    losses: 0,
    crashes: 0,
    workerId: null,
  });
  const [totals] = await listWorkers(db, 'acme', worker.id);
  expect(totals).toMatchObject({ claimed: 1, outcomes: { given_back: 1 }, busyMs: 40 });
});

test('it waits anew from then on: what ran before is no part of its wait', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  await sql`update tasks set queued_at = now() - interval '1 hour' where id = ${held.taskId}`.execute(db);
  await giveBackAttempts(db, [{ ...held, workerId: worker.id, durationMs: 1 }]);
  const { rows } = await sql`
    select queued_at <= now() and queued_at > now() - interval '10 minutes' as anew from tasks
    where id = ${held.taskId}`.execute(db);
  expect(rows).toEqual([{ anew: true }]);
});

test('giving back twice, or too late, changes nothing', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  const givenBack = { ...held, workerId: worker.id, durationMs: 1 };
  expect(await giveBackAttempts(db, [givenBack, givenBack])).toHaveLength(1);
  expect(await giveBackAttempts(db, [givenBack])).toEqual([]);

  const again = { ...held, attempt: 2 };
  await claimAttempts(db, worker, [again]);
  await recordOutcomes(db, [endedAttempt(again, worker)]);
  expect(await giveBackAttempts(db, [{ ...again, workerId: worker.id, durationMs: 1 }])).toEqual([]);
  expect(await readTask(held.taskId)).toMatchObject({ status: 'completed', attempt: 2 });
});

test('an attempt of another delivery is not given back', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  expect(await giveBackAttempts(db, [{ ...held, delivery: 2, workerId: worker.id, durationMs: 1 }])).toEqual(
    [],
  );
  expect((await readTask(held.taskId)).status).toBe('running');
});

test('any number of attempts is one statement', async () => {
  const worker = await startWorker(db);
  const held = await Promise.all(Array.from({ length: 20 }, () => runningTask(db, worker)));
  const before = database.statements.length;
  const toDispatch = await giveBackAttempts(
    db,
    held.map((each) => ({ ...each, workerId: worker.id, durationMs: 1 })),
  );
  expect(database.statements.length - before).toBe(1);
  expect(toDispatch).toHaveLength(20);
});
