import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { captured, endedOutcome } from '../../test/outcomes.ts';
import { endedAttempt, runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { outcomeReasons, statusOf } from '../model/status.ts';
import { claimAttempts } from './claim-attempts.ts';
import { findTask } from './find-task.ts';
import { listWorkers } from './list-workers.ts';
import { loseAttempts } from './lose-attempts.ts';
import { recordOutcomes } from './record-outcomes.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

const readWorker = async (id: string) => (await listWorkers(db, 'acme', id))[0];
const loseOne = (of: { taskId: string; attempt: number }) =>
  loseAttempts(db, { kind: 'attempt', taskId: of.taskId, attempt: of.attempt }, { crash: false, limit: 1 });

test('an outcome ends its task, and is there to be read', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  const cause = { name: 'TypeError', message: 'why', stack: 's', line: null, column: 7, cause: null };
  const error = { name: 'Error', message: 'm', stack: null, line: 3, column: null, cause };
  const outcome = endedOutcome({
    reason: 'uncaught_error',
    exitCode: 1,
    stdout: { text: 'head … tail', bytes: 5_000_000_000, droppedBytes: 4_999_999_000 },
    stderr: captured('oh'),
    error,
  });
  expect(await recordOutcomes(db, [{ ...held, workerId: worker.id, outcome }])).toEqual([held]);

  const task = await findTask(db, 'acme', held.taskId);
  expect(task).toMatchObject({ status: 'failed', reason: 'uncaught_error', attempt: 1, workerId: worker.id });
  expect(task?.endedAt).toBeInstanceOf(Date);
  expect(task?.result).toMatchObject({
    exitCode: 1,
    signal: null,
    durationMs: 12.5,
    stdoutBytes: 5_000_000_000,
    stdoutDroppedBytes: 4_999_999_000,
    stderrBytes: 2,
    stderrDroppedBytes: 0,
    error,
  });
});

test('what an attempt used, where its time went and what stood around it are there to be read', async () => {
  const worker = await startWorker(db);
  const measured = await runningTask(db, worker);
  const unmeasured = await runningTask(db, worker);
  const isolation = { level: 'sandbox' as const, parts: { memory: 'cgroup', net_ns: 'own', 'a"b': '\0' } };
  await recordOutcomes(db, [
    endedAttempt(measured, worker, {
      reason: 'memory_limit',
      killedBy: 'kernel',
      limit: 'memory',
      cpuMs: 1234.5,
      memoryPeakBytes: 5_000_000_000,
      timings: { prepareMs: 0.25, runMs: 1500, collectMs: 3 },
      isolation,
    }),
    endedAttempt(unmeasured, worker, { cpuMs: null, memoryPeakBytes: null }),
  ]);
  expect((await findTask(db, 'acme', measured.taskId))?.result).toMatchObject({
    killedBy: 'kernel',
    limitName: 'memory',
    cpuMs: 1234.5,
    memoryPeakBytes: 5_000_000_000,
    prepareMs: 0.25,
    runMs: 1500,
    collectMs: 3,
    isolation,
  });
  expect((await findTask(db, 'acme', unmeasured.taskId))?.result).toMatchObject({
    killedBy: null,
    limitName: null,
    cpuMs: null,
    memoryPeakBytes: null,
  });
});

test.each([
  ['null', null],
  ['0', 0],
  ['""', ''],
  ['[]', []],
  ['{"snake_case":1,"camelCase":{"x":[]},"b":2,"a":1}', { snake_case: 1, camelCase: { x: [] }, b: 2, a: 1 }],
  ['"a\\u0000b\\ud800 \\\\ \\" {1,2} NULL"', 'a\0b\ud800 \\ " {1,2} NULL'],
])('the value %s comes back as it is', async (json, value) => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  await recordOutcomes(db, [endedAttempt(held, worker, { value: { json } })]);
  const result = (await findTask(db, 'acme', held.taskId))?.result;
  expect(result?.value).toEqual(value);
  expect(JSON.stringify(result?.value)).toBe(JSON.stringify(value));
  expect(result?.valueNote).toBeNull();
});

test('any value comes back as JSON has it, beside others without one', async () => {
  const worker = await startWorker(db);
  await fc.assert(
    fc.asyncProperty(fc.json(), async (json) => {
      const held = await Promise.all([
        runningTask(db, worker),
        runningTask(db, worker),
        runningTask(db, worker),
      ]);
      await recordOutcomes(db, [
        endedAttempt(held[0], worker),
        endedAttempt(held[1], worker, { value: { json } }),
        endedAttempt(held[2], worker, { value: { note: json } }),
      ]);
      const results = await Promise.all(
        held.map(async ({ taskId }) => (await findTask(db, 'acme', taskId))?.result),
      );
      expect(results).toMatchObject([
        { value: null, valueNote: null },
        { valueNote: null },
        { value: null, valueNote: json },
      ]);
      expect(results[1]?.value).toEqual(JSON.parse(json));
    }),
    { numRuns: 25 },
  );
});

test('the wait is from when the attempt was queued to the claim that led to its end', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  await sql`update tasks set queued_at = started_at - interval '1234.5 ms' where id = ${held.taskId}`.execute(
    db,
  );
  await recordOutcomes(db, [endedAttempt(held, worker)]);
  expect((await findTask(db, 'acme', held.taskId))?.result?.queueMs).toBeCloseTo(1234.5, 6);
});

test('each reason leads to its status', async () => {
  const worker = await startWorker(db);
  const held = await Promise.all(outcomeReasons.map(() => runningTask(db, worker, { maxAttempts: 1 })));
  await recordOutcomes(
    db,
    outcomeReasons.map((reason, index) => endedAttempt(held[index]!, worker, { reason })),
  );
  for (const [index, reason] of outcomeReasons.entries()) {
    const task = await findTask(db, 'acme', held[index]!.taskId);
    expect(task).toMatchObject({ reason, status: statusOf(reason) });
  }
});

test('any output comes back byte for byte, U+0000 and emoji included', async () => {
  const worker = await startWorker(db);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
      const held = await runningTask(db, worker);
      const output = `\0${text}😀\r\n`;
      await recordOutcomes(db, [
        endedAttempt(held, worker, { stdout: captured(output), stderr: captured(text) }),
      ]);
      const result = (await findTask(db, 'acme', held.taskId))?.result;
      expect(Buffer.from(result!.stdout).toString()).toBe(output);
      expect(Buffer.from(result!.stderr).toString()).toBe(text);
    }),
    { numRuns: 25 },
  );
});

test.each([
  ['another attempt', { attempt: 2 }],
  ['an earlier delivery', { delivery: 1 }],
  ['a later delivery', { delivery: 3 }],
])('an outcome of %s changes nothing', async (_what, but) => {
  const worker = await startWorker(db);
  const held = { ...(await runningTask(db, worker)), delivery: 2 };
  await claimAttempts(db, worker, [held]);
  expect(await recordOutcomes(db, [{ ...endedAttempt(held, worker), ...but }])).toEqual([]);
  expect(await findTask(db, 'acme', held.taskId)).toMatchObject({ status: 'running', result: null });
});

test('an outcome of a task that is queued again is late, and only counted', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  await loseOne(held);
  expect(await recordOutcomes(db, [endedAttempt(held, worker)])).toEqual([]);
  expect(await findTask(db, 'acme', held.taskId)).toMatchObject({
    status: 'queued',
    attempt: 2,
    result: null,
  });
  expect(await readWorker(worker.id)).toMatchObject({ outcomes: { lost: 1, late: 1 }, busyMs: 0 });
});

test('a late outcome that comes again is counted once', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  await loseOne(held);
  for (let times = 0; times < 3; times += 1) await recordOutcomes(db, [endedAttempt(held, worker)]);
  expect((await readWorker(worker.id))?.outcomes).toEqual({ lost: 1, late: 1 });
});

test('of ten recorders that race, one records, and nobody counts it as late', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => recordOutcomes(db, [endedAttempt(held, worker)])),
  );
  expect(answers.flat()).toEqual([held]);
  expect(await readWorker(worker.id)).toMatchObject({ busyMs: 12.5 });
  expect((await readWorker(worker.id))?.outcomes).toEqual({ ok: 1 });
});

test('an outcome that comes again after its commit is neither recorded twice nor late', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  await recordOutcomes(db, [endedAttempt(held, worker)]);
  expect(await recordOutcomes(db, [endedAttempt(held, worker, { stdout: captured('other') })])).toEqual([]);
  expect(await readWorker(worker.id)).toMatchObject({ outcomes: { ok: 1 }, busyMs: 12.5 });
  expect(Buffer.from((await findTask(db, 'acme', held.taskId))!.result!.stdout).toString()).toBe('4\n');
});

test('one outcome twice in a batch is one', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  const ended = endedAttempt(held, worker);
  expect(await recordOutcomes(db, [ended, ended])).toEqual([held]);
  expect(await readWorker(worker.id)).toMatchObject({ outcomes: { ok: 1 }, busyMs: 12.5 });
});

test("a late outcome beside its task's current one is late all the same", async () => {
  const [one, other] = [await startWorker(db), await startWorker(db)];
  const lost = await runningTask(db, one);
  await loseOne(lost);
  const held = { ...lost, attempt: 2 };
  await claimAttempts(db, other, [held]);
  const late = endedAttempt(lost, one, { reason: 'exit_code', exitCode: 1 });
  expect(await recordOutcomes(db, [late, endedAttempt(held, other)])).toEqual([held]);
  expect(await readWorker(one.id)).toMatchObject({ outcomes: { lost: 1, late: 1 }, busyMs: 0 });
  expect(await readWorker(other.id)).toMatchObject({ outcomes: { ok: 1 }, busyMs: 12.5 });
});

test('an outcome of a task that was removed, or of a worker that was, does no harm', async () => {
  const worker = await startWorker(db);
  const removed = await runningTask(db, worker);
  await db.deleteFrom('tasks').where('id', '=', removed.taskId).execute();
  const held = await runningTask(db, worker);
  await db.deleteFrom('workers').where('id', '=', worker.id).execute();
  expect(await recordOutcomes(db, [endedAttempt(removed, worker), endedAttempt(held, worker)])).toEqual([
    held,
  ]);
});

test('a queued task takes no outcome', async () => {
  const worker = await startWorker(db);
  const taskId = await submitTask(db);
  expect(await recordOutcomes(db, [endedAttempt({ taskId, attempt: 1, delivery: 0 }, worker)])).toEqual([]);
});

test('any number of outcomes is one statement', async () => {
  const worker = await startWorker(db);
  const held = await Promise.all(Array.from({ length: 50 }, () => runningTask(db, worker)));
  const before = database.statements.length;
  const recorded = await recordOutcomes(
    db,
    held.map((each) => endedAttempt(each, worker)),
  );
  expect(database.statements.length - before).toBe(1);
  expect(recorded).toHaveLength(50);
});
