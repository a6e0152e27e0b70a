import type { EndedOutcome } from '@runfleet/shared/model/outcome.ts';
import type { ResultPayload } from '@runfleet/shared/queue/contract.ts';
import type { NewTask } from '@runfleet/shared/db/insert-task.ts';
import { findTask } from '@runfleet/shared/db/find-task.ts';
import { loseAttempts } from '@runfleet/shared/db/lose-attempts.ts';
import { recordOutcomes } from '@runfleet/shared/db/record-outcomes.ts';
import { valueLimitBytes } from '@runfleet/shared/model/limits.ts';
import { claimAttempts } from '@runfleet/shared/db/claim-attempts.ts';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../../shared/test/database.ts';
import { isRejectedData } from '../database-errors.ts';
import { endedOutcome } from '../../../shared/test/outcomes.ts';
import { endedAttempt, runningTask, startWorker, type TestWorker } from '../../../shared/test/tasks.ts';
import { recordResults } from './record-results.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

async function runningResult(
  worker: TestWorker,
  outcome: Partial<EndedOutcome> = {},
  task: Partial<NewTask> = {},
): Promise<ResultPayload> {
  return endedAttempt(await runningTask(db, worker, task), worker, outcome);
}

test('any mix of results is two statements: one for what ended, one for what was given back', async () => {
  const worker = await startWorker(db);
  const ended = [
    await runningResult(worker),
    await runningResult(worker, { reason: 'exit_code', exitCode: 2 }),
  ];
  const back = await runningTask(db, worker);
  const givenBack: ResultPayload = {
    ...back,
    workerId: worker.id,
    outcome: { kind: 'given_back', cause: 'drain', durationMs: 3 },
  };
  const before = database.statements.length;
  const { verdicts, toDispatch } = await recordResults(db, [ended[0]!, givenBack, ended[1]!]);
  expect(database.statements.length - before).toBe(2);
  expect(verdicts).toEqual(['recorded', 'recorded', 'recorded']);
  expect(toDispatch).toEqual([{ taskId: back.taskId, attempt: 2, type: 'javascript' }]);
});

test('one outcome that Postgres refuses is recorded as `internal`, and the others of its batch as they are', async () => {
  const worker = await startWorker(db);
  const good = [await runningResult(worker), await runningResult(worker, { reason: 'timeout' })];
  const bad = await runningResult(worker, { reason: 'signal', signal: 'no \0 in text' }, { maxAttempts: 1 });
  const { verdicts } = await recordResults(db, [good[0]!, bad, good[1]!]);
  expect(verdicts).toEqual(['recorded', 'unrecordable', 'recorded']);
  expect(await findTask(db, 'acme', good[0]!.taskId)).toMatchObject({ status: 'completed', reason: 'ok' });
  expect(await findTask(db, 'acme', good[1]!.taskId)).toMatchObject({ status: 'failed', reason: 'timeout' });
  const task = await findTask(db, 'acme', bad.taskId);
  expect(task).toMatchObject({
    status: 'failed',
    reason: 'internal',
    result: { error: { name: 'RecordError' } },
  });
});

test('the figures of an outcome that Postgres refuses are kept', async () => {
  const worker = await startWorker(db);
  const isolation = { level: 'sandbox' as const, parts: { memory: 'cgroup' } };
  const bad = await runningResult(
    worker,
    { signal: 'no \0 in text', killedBy: 'kernel', cpuMs: 7, isolation },
    { maxAttempts: 1 },
  );
  expect((await recordResults(db, [bad])).verdicts).toEqual(['unrecordable']);
  expect((await findTask(db, 'acme', bad.taskId))?.result).toMatchObject({
    killedBy: null,
    limitName: null,
    cpuMs: 7,
    runMs: 12.5,
    value: null,
    isolation,
    error: { name: 'RecordError', cause: null },
  });
});

test.each([
  ['nested deeper than Postgres reads', '['.repeat(100_000) + ']'.repeat(100_000), /nested/],
  ['larger than is kept', JSON.stringify('x'.repeat(valueLimitBytes)), /bytes/],
  ['no JSON at all', '{"a":', /JSON/],
])('a value that is %s is left out, and the rest recorded as it is', async (_what, json, note) => {
  const worker = await startWorker(db);
  const result = await runningResult(worker, { value: { json } });
  expect((await recordResults(db, [result])).verdicts).toEqual(['recorded']);
  expect(await findTask(db, 'acme', result.taskId)).toMatchObject({
    reason: 'ok',
    result: { value: null, valueNote: expect.stringMatching(note) },
  });
});

test('a statement that is more than Postgres can take is the fault of its data', async () => {
  const worker = await startWorker(db);
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const refused = recordOutcomes(db, [
    { ...(await runningResult(worker)), outcome: endedOutcome({ value: { json: deep } }) },
  ]);
  await expect(refused).rejects.toSatisfy(isRejectedData);
});

test('what is tried again is to be dispatched after its delay, beside what was given back', async () => {
  const worker = await startWorker(db);
  const retry = { limit: 1, delayMs: 2_500, backoff: 'fixed' as const, on: ['exit_code' as const] };
  const failed = await runningResult(worker, { reason: 'exit_code', exitCode: 1 }, { retry });
  const internal = await runningResult(worker, { reason: 'internal' });
  const unrecordable = await runningResult(worker, { signal: 'no \0 in text' });
  const back = await runningTask(db, worker);
  const givenBack: ResultPayload = {
    ...back,
    workerId: worker.id,
    outcome: { kind: 'given_back', cause: 'drain', durationMs: 3 },
  };
  const { verdicts, toDispatch } = await recordResults(db, [failed, givenBack, unrecordable, internal]);
  expect(verdicts).toEqual(['recorded', 'recorded', 'unrecordable', 'recorded']);
  const again = (taskId: string) => ({ taskId, attempt: 2, type: 'javascript' });
  expect(new Set(toDispatch)).toEqual(
    new Set([
      { ...again(failed.taskId), delayMs: 2_500 },
      { ...again(internal.taskId), delayMs: 1_000 },
      { ...again(unrecordable.taskId), delayMs: 1_000 },
      again(back.taskId),
    ]),
  );
});

test('a late result and one that came before are dropped', async () => {
  const worker = await startWorker(db);
  const [recorded, late] = [await runningResult(worker), await runningResult(worker)];
  await recordResults(db, [recorded]);
  await loseAttempts(db, { kind: 'attempt', ...late }, { crash: true, limit: 1 });
  expect((await recordResults(db, [recorded, late])).verdicts).toEqual(['dropped', 'dropped']);
});

test("a late result is dropped even beside its task's current one", async () => {
  const worker = await startWorker(db);
  const late = await runningResult(worker);
  await loseAttempts(db, { kind: 'attempt', ...late }, { crash: true, limit: 1 });
  const current = { ...late, attempt: 2 };
  await claimAttempts(db, worker, [current]);
  expect((await recordResults(db, [late, current])).verdicts).toEqual(['dropped', 'recorded']);
});

test('what is given back too late is dropped, and not dispatched', async () => {
  const worker = await startWorker(db);
  const ended = await runningResult(worker);
  await recordResults(db, [ended]);
  const late: ResultPayload = {
    ...ended,
    outcome: { kind: 'given_back', cause: 'lease_lost', durationMs: 1 },
  };
  expect(await recordResults(db, [late])).toEqual({ verdicts: ['dropped'], toDispatch: [] });
});

test('a fault that is not of the data is thrown, and nothing is recorded', async () => {
  const other = await cloneDatabase();
  const worker = await startWorker(other.db);
  const held = await runningTask(other.db, worker);
  await other.drop();
  await expect(recordResults(other.db, [endedAttempt(held, worker)])).rejects.toThrow();
});

test('nothing to record sends nothing', async () => {
  const before = database.statements.length;
  expect(await recordResults(db, [])).toEqual({ verdicts: [], toDispatch: [] });
  expect(database.statements.length).toBe(before);
});
