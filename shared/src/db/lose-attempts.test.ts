import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { runningTask, startWorker, type TestWorker } from '../../test/tasks.ts';
import { afterLoss, type LossHistory } from '../decide/after-loss.ts';
import { listWorkers } from './list-workers.ts';
import { loseAttempts, type LossTarget } from './lose-attempts.ts';
import { noteLiveness } from './note-liveness.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

const ofWorker = (worker: TestWorker): LossTarget => ({ kind: 'of_worker', workerId: worker.id });
const readTask = (id: string) =>
  db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

test('it decides as `afterLoss` does, for any rows', async () => {
  const history = fc
    .record({ maxAttempts: fc.integer({ min: 1, max: 10 }), losses: fc.nat(9), crashes: fc.nat(9) })
    .map((row) => ({ ...row, crashes: Math.min(row.crashes, row.losses) }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(history, { minLength: 1, maxLength: 30 }),
      fc.boolean(),
      async (rows, crash) => {
        const worker = await startWorker(db);
        const expected = new Map<string, ReturnType<typeof afterLoss>>();
        for (const row of rows) expected.set(await runningWithHistory(worker, row), afterLoss(row, crash));

        const lost = await loseAttempts(db, ofWorker(worker), { crash, limit: 100 });
        const decided = lost.map(
          ({ taskId, reason }) =>
            [taskId, reason === null ? { kind: 'retry' } : { kind: 'fail', reason }] as const,
        );
        expect(new Map<string, unknown>(decided)).toEqual(expected);
        for (const { status, reason, attempt } of lost) {
          expect({ status, attempt }).toEqual(
            reason === null ? { status: 'queued', attempt: 2 } : { status: 'failed', attempt: 1 },
          );
        }
      },
    ),
    { numRuns: 15 },
  );
});

async function runningWithHistory(
  worker: TestWorker,
  { maxAttempts, losses, crashes }: LossHistory,
): Promise<string> {
  const { taskId } = await runningTask(db, worker, { maxAttempts });
  await db.updateTable('tasks').set({ losses, crashes }).where('id', '=', taskId).execute();
  return taskId;
}

test('it waits anew from then on: what ran before is no part of its wait', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  await sql`update tasks set queued_at = now() - interval '1 hour' where id = ${held.taskId}`.execute(db);
  await loseAttempts(db, ofWorker(worker), { crash: false, limit: 1 });
  const { rows } = await sql`
    select queued_at <= now() and queued_at > now() - interval '10 minutes' as anew from tasks
    where id = ${held.taskId}`.execute(db);
  expect(rows).toEqual([{ anew: true }]);
});

test('the losses are charged to the task, and to the worker', async () => {
  const worker = await startWorker(db);
  const { taskId } = await runningTask(db, worker);
  await loseAttempts(db, ofWorker(worker), { crash: true, limit: 1 });
  expect(await readTask(taskId)).toMatchObject({ losses: 1, crashes: 1, status: 'queued', workerId: null });
  const [totals] = await listWorkers(db, 'acme', worker.id);
  expect(totals).toMatchObject({ claimed: 1, outcomes: { lost: 1 } });
});

test('only the attempts of workers that are lost are taken, and the workers that are live keep theirs', async () => {
  const [gone, live] = [await startWorker(db), await startWorker(db)];
  const lost = await runningTask(db, gone);
  const kept = await runningTask(db, live);
  await noteLiveness(db, [{ ...gone, verdict: 'lost' }]);
  const answer = await loseAttempts(db, { kind: 'of_lost_workers' }, { crash: true, limit: 100 });
  expect(answer.map(({ taskId }) => taskId)).toEqual([lost.taskId]);
  expect((await readTask(kept.taskId)).status).toBe('running');
});

test('only what is past its deadline by more than the patience is overdue', async () => {
  const worker = await startWorker(db);
  const [late, inTime] = [await runningTask(db, worker), await runningTask(db, worker)];
  await sql`update tasks set deadline_at = now() - interval '60 s' where id = ${late.taskId}`.execute(db);
  const overdue = (patienceMs: number) =>
    loseAttempts(db, { kind: 'overdue', patienceMs }, { crash: false, limit: 100 });
  expect(await overdue(600_000)).toEqual([]);
  expect(await overdue(0)).toMatchObject([{ taskId: late.taskId }]);
  expect((await readTask(inTime.taskId)).status).toBe('running');
});

test('one attempt is lost only while it is the current one', async () => {
  const worker = await startWorker(db);
  const { taskId } = await runningTask(db, worker);
  const lose = (attempt: number) =>
    loseAttempts(db, { kind: 'attempt', taskId, attempt }, { crash: false, limit: 1 });
  expect(await lose(2)).toEqual([]);
  expect(await lose(1)).toMatchObject([{ taskId, attempt: 2, status: 'queued' }]);
  expect(await lose(1)).toEqual([]);
});

test('two sweeps at once lose each attempt once', async () => {
  const worker = await startWorker(db);
  await Promise.all(Array.from({ length: 40 }, () => runningTask(db, worker)));
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => loseAttempts(db, ofWorker(worker), { crash: false, limit: 100 })),
  );
  const ids = answers.flat().map(({ taskId }) => taskId);
  expect(ids).toHaveLength(40);
  expect(new Set(ids).size).toBe(40);
  expect((await listWorkers(db, 'acme', worker.id))[0]?.outcomes).toEqual({ lost: 40 });
});

test('a run takes no more than its limit', async () => {
  const worker = await startWorker(db);
  await Promise.all(Array.from({ length: 5 }, () => runningTask(db, worker)));
  expect(await loseAttempts(db, ofWorker(worker), { crash: false, limit: 3 })).toHaveLength(3);
  expect(await loseAttempts(db, ofWorker(worker), { crash: false, limit: 3 })).toHaveLength(2);
});
