import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, runningTask, startWorker, submitTask, type TestWorker } from '../../test/tasks.ts';
import { afterOutcome, type AfterOutcome, type OutcomeHistory } from '../decide/after-outcome.ts';
import { maxRetryDelayMs } from '../model/limits.ts';
import { backoffs, codeFailures, type RetryPolicy } from '../model/retry.ts';
import { outcomeReasons, type OutcomeReason } from '../model/status.ts';
import { defaultTimings } from '../model/timings.ts';
import { claimAttempts } from './claim-attempts.ts';
import { findTask } from './find-task.ts';
import { listWorkers } from './list-workers.ts';
import { makeQueuedDue } from './make-queued-due.ts';
import { recordOutcomes } from './record-outcomes.ts';
import { takeDueDispatches } from './take-due-dispatches.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

const retry: RetryPolicy = { limit: 3, delayMs: 60_000, backoff: 'fixed', on: ['exit_code'] };

interface Ended extends OutcomeHistory {
  reason: OutcomeReason;
}

const anyEnded: fc.Arbitrary<Ended> = fc
  .record({
    maxAttempts: fc.integer({ min: 1, max: 10 }),
    losses: fc.nat(9),
    retry: fc.option(
      fc.record({
        limit: fc.integer({ min: 1, max: 10 }),
        delayMs: fc.nat(maxRetryDelayMs),
        backoff: fc.constantFrom(...backoffs),
        on: fc.uniqueArray(fc.constantFrom(...codeFailures), { minLength: 1 }),
      }),
    ),
    retries: fc.nat(10),
    reason: fc.constantFrom(...outcomeReasons),
  })
  .map((row) => ({ ...row, retries: Math.min(row.retries, row.retry?.limit ?? 0) }));

test('it decides as `afterOutcome` does, for any rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEnded, { minLength: 1, maxLength: 30 }), async (rows) => {
      const worker = await startWorker(db);
      const held = await Promise.all(rows.map((row) => runningWithHistory(worker, row)));
      const recorded = await recordOutcomes(
        db,
        rows.map(({ reason }, index) => endedAttempt(held[index]!, worker, { reason })),
      );
      const nextOf = new Map(recorded.map(({ taskId, next }) => [taskId, next]));
      for (const [index, { reason, ...history }] of rows.entries()) {
        const { taskId } = held[index]!;
        const verdict = afterOutcome(history, reason);
        expect(nextOf.get(taskId)).toEqual(
          verdict.kind === 'end'
            ? undefined
            : { taskId, attempt: 2, type: 'javascript', delayMs: verdict.delayMs },
        );
        expect(await readTask(taskId)).toMatchObject(expected(history, reason, verdict));
      }
    }),
    { numRuns: 20 },
  );
});

async function runningWithHistory(
  worker: TestWorker,
  { maxAttempts, losses, retry: asked, retries }: OutcomeHistory,
) {
  const held = await runningTask(db, worker, { maxAttempts, retry: asked });
  await db.updateTable('tasks').set({ losses, retries }).where('id', '=', held.taskId).execute();
  return held;
}

function expected(history: OutcomeHistory, reason: OutcomeReason, verdict: AfterOutcome) {
  const losses = history.losses + (reason === 'internal' ? 1 : 0);
  if (verdict.kind === 'end') {
    return { status: reason === 'ok' ? 'completed' : 'failed', reason, losses, retries: history.retries };
  }
  const retries = history.retries + (verdict.charge === 'retry' ? 1 : 0);
  return { status: 'queued', reason: null, attempt: 2, delivery: 0, workerId: null, losses, retries };
}

const readTask = (id: string) =>
  db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** A task that failed once and is queued again, in a minute. */
async function failedOnce(worker: TestWorker) {
  const held = await runningTask(db, worker, { retry });
  const failed = endedAttempt(held, worker, { reason: 'exit_code', exitCode: 1 });
  await recordOutcomes(db, [failed]);
  return { held, failed };
}

test('the new attempt waits for its delay; only then, and a grace after it, is it for the sweep to dispatch', async () => {
  const { taskId } = (await failedOnce(await startWorker(db))).held;
  const { rows } = await sql<{ queuedInMs: number; dueInMs: number }>`
    select extract(epoch from queued_at - a.ended_at)::float8 * 1000 as queued_in_ms,
      extract(epoch from dispatch_due - a.ended_at)::float8 * 1000 as due_in_ms
    from tasks join attempts a on a.task_id = tasks.id
    where tasks.id = ${taskId}`.execute(db);
  expect(rows).toEqual([{ queuedInMs: 60_000, dueInMs: 60_000 + defaultTimings.dispatchDelayMs }]);
  expect(await takeDueDispatches(db, 10)).toEqual([]);
});

test('a queue that is gone makes it due no sooner than its delay is over', async () => {
  const { taskId } = (await failedOnce(await startWorker(db))).held;
  const fresh = await submitTask(db);
  expect(await makeQueuedDue(db, 10)).toBe(2);
  expect(await makeQueuedDue(db, 10)).toBe(0);
  expect(await takeDueDispatches(db, 10)).toMatchObject([{ taskId: fresh }]);
  const { dispatchDue, queuedAt } = await readTask(taskId);
  expect(dispatchDue).toEqual(queuedAt);
});

test('its delay is no part of its wait', async () => {
  const worker = await startWorker(db);
  const { taskId } = (await failedOnce(worker)).held;
  await sql`update tasks set queued_at = now() - interval '2 s' where id = ${taskId}`.execute(db);
  const second = { taskId, attempt: 2, delivery: 1 };
  await claimAttempts(db, worker, [second]);
  await recordOutcomes(db, [endedAttempt(second, worker)]);
  const queueMs = (await findTask(db, 'acme', taskId))?.result?.queueMs;
  expect(queueMs).toBeGreaterThanOrEqual(2_000);
  expect(queueMs).toBeLessThan(50_000);
});

test('of attempts before the last, only what became of them is kept', async () => {
  const worker = await startWorker(db);
  const { held } = await failedOnce(worker);
  expect(await findTask(db, 'acme', held.taskId)).toMatchObject({
    status: 'queued',
    retries: 1,
    result: null,
  });
  const second = { ...held, attempt: 2 };
  await claimAttempts(db, worker, [second]);
  await recordOutcomes(db, [endedAttempt(second, worker)]);
  const task = await findTask(db, 'acme', held.taskId);
  expect(task).toMatchObject({ status: 'completed', attempt: 2, retries: 1, result: { exitCode: 0 } });
  expect(task?.attempts).toMatchObject([
    { attempt: 1, workerId: worker.id, outcome: 'exit_code' },
    { attempt: 2, workerId: worker.id, outcome: 'ok' },
  ]);
  expect((await listWorkers(db, 'acme', worker.id))[0]).toMatchObject({
    claimed: 2,
    outcomes: { exit_code: 1, ok: 1 },
    busyMs: 25,
  });
});

test('the outcome that led to it changes nothing when it comes again, and is not late', async () => {
  const worker = await startWorker(db);
  const { held, failed } = await failedOnce(worker);
  expect(await recordOutcomes(db, [failed])).toEqual([]);
  const second = { ...held, attempt: 2 };
  await claimAttempts(db, worker, [second]);
  expect(await recordOutcomes(db, [failed])).toEqual([]);
  expect(await readTask(held.taskId)).toMatchObject({ status: 'running', attempt: 2, retries: 1 });
  expect((await listWorkers(db, 'acme', worker.id))[0]?.outcomes).toEqual({ exit_code: 1 });
});

test('of ten recorders that race, one mints the new attempt', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker, { retry });
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      recordOutcomes(db, [endedAttempt(held, worker, { reason: 'exit_code', exitCode: 1 })]),
    ),
  );
  expect(answers.flat()).toMatchObject([{ ...held, next: { attempt: 2, delayMs: 60_000 } }]);
  expect(await readTask(held.taskId)).toMatchObject({ attempt: 2, retries: 1 });
  expect((await listWorkers(db, 'acme', worker.id))[0]?.outcomes).toEqual({ exit_code: 1 });
});

test('a task that ends for a fault of ours has the last outcome as its result', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker, { maxAttempts: 2 });
  await recordOutcomes(db, [endedAttempt(held, worker, { reason: 'internal', exitCode: null })]);
  const second = { ...held, attempt: 2 };
  await claimAttempts(db, worker, [second]);
  const [recorded] = await recordOutcomes(db, [endedAttempt(second, worker, { reason: 'internal' })]);
  expect(recorded).toEqual(second);
  expect(await readTask(held.taskId)).toMatchObject({
    status: 'failed',
    reason: 'internal',
    losses: 2,
    crashes: 0,
  });
  expect((await findTask(db, 'acme', held.taskId))?.result).not.toBeNull();
});
