import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, nextTaskId, runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { defaultTimings } from '../model/timings.ts';
import { claimAttempts } from './claim-attempts.ts';
import { listWorkers } from './list-workers.ts';
import { noteLiveness } from './note-liveness.ts';
import { recordOutcomes } from './record-outcomes.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'));
const anyInput = fc.record({
  stdin: text,
  args: fc.array(text),
  env: fc.dictionary(fc.stringMatching(/^[A-Z][A-Za-z_]{0,9}$/), text),
  files: fc.array(
    fc.record({ path: text, content: text, encoding: fc.constantFrom('utf8' as const, 'base64' as const) }),
  ),
});

const readTask = (id: string) =>
  db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const readWorker = async (id: string) => (await listWorkers(db, 'acme', id))[0];

test('a claim answers with what is to be run, and the task runs on that worker', async () => {
  const worker = await startWorker(db);
  const taskId = await submitTask(db, { code: 'main()', timeoutMs: 5_000 });
  const delivery = { taskId, attempt: 1, delivery: 1 };
  expect(await claimAttempts(db, worker, [delivery])).toEqual([
    { ...delivery, code: 'main()', timeoutMs: 5_000, input: null, limits: null },
  ]);

  const task = await readTask(taskId);
  expect(task).toMatchObject({ status: 'running', workerId: worker.id, delivery: 1, dispatchDue: null });
  expect(Number(task.deadlineAt) - Number(task.startedAt)).toBe(5_000 + defaultTimings.deadlineGraceMs);
});

test('a claim answers with what the code is given, byte for byte, and with the limits that were asked for', async () => {
  const worker = await startWorker(db);
  await fc.assert(
    fc.asyncProperty(
      anyInput,
      fc.dictionary(fc.constantFrom('cpu', 'inodes'), fc.nat()),
      async (input, limits) => {
        const delivery = { taskId: await submitTask(db, { input, limits }), attempt: 1, delivery: 1 };
        expect(await claimAttempts(db, worker, [delivery])).toMatchObject([{ ...delivery, input, limits }]);
      },
    ),
    { numRuns: 25 },
  );
});

test('of ten racing claims of different workers, exactly one wins', async () => {
  const workers = await Promise.all(Array.from({ length: 10 }, () => startWorker(db)));
  const delivery = { taskId: await submitTask(db), attempt: 1, delivery: 1 };
  const claims = await Promise.all(workers.map((worker) => claimAttempts(db, worker, [delivery])));
  expect(claims.flat()).toHaveLength(1);
  const winner = workers[claims.findIndex((claimed) => claimed.length === 1)];
  expect((await readTask(delivery.taskId)).workerId).toBe(winner?.id);
});

test('a later delivery takes the attempt over, and an earlier one cannot take it back', async () => {
  const [one, other] = [await startWorker(db), await startWorker(db)];
  const first = await runningTask(db, one);
  expect(await claimAttempts(db, other, [{ ...first, delivery: 3 }])).toHaveLength(1);
  expect(await claimAttempts(db, one, [{ ...first, delivery: 2 }])).toEqual([]);
  expect(await claimAttempts(db, one, [{ ...first, delivery: 3 }])).toEqual([]);
  expect(await readTask(first.taskId)).toMatchObject({ workerId: other.id, delivery: 3 });
});

test('the delivery that was taken over counts as lost for its worker', async () => {
  const [one, other] = [await startWorker(db), await startWorker(db)];
  const first = await runningTask(db, one);
  await claimAttempts(db, other, [{ ...first, delivery: 2 }]);
  expect(await readWorker(one.id)).toMatchObject({ claimed: 1, outcomes: { lost: 1 } });
  expect(await readWorker(other.id)).toMatchObject({ claimed: 1, outcomes: {} });
  const history = await db
    .selectFrom('attempts')
    .select(['delivery', 'outcome'])
    .where('taskId', '=', first.taskId)
    .orderBy('delivery')
    .execute();
  expect(history).toEqual([
    { delivery: 1, outcome: 'lost' },
    { delivery: 2, outcome: null },
  ]);
});

test('a claim whose answer was lost is answered again, counted once, and its time goes on', async () => {
  const [worker, other] = [await startWorker(db), await startWorker(db)];
  const held = await runningTask(db, worker);
  const before = await readTask(held.taskId);
  expect(await claimAttempts(db, worker, [held])).toMatchObject([held]);
  expect(await readTask(held.taskId)).toEqual(before);
  expect(await readWorker(worker.id)).toMatchObject({ claimed: 1, outcomes: {} });
  expect(await claimAttempts(db, other, [held])).toEqual([]);
});

test('what has ended, has another attempt, or does not exist is not claimed', async () => {
  const worker = await startWorker(db);
  const ended = await runningTask(db, worker);
  await recordOutcomes(db, [endedAttempt(ended, worker)]);
  const queued = await submitTask(db);
  const claimed = await claimAttempts(db, worker, [
    { ...ended, delivery: 2 },
    { taskId: queued, attempt: 2, delivery: 1 },
    { taskId: nextTaskId(), attempt: 1, delivery: 1 },
  ]);
  expect(claimed).toEqual([]);
  expect((await readTask(queued)).status).toBe('queued');
});

test('a process that has lost its worker id to another claims nothing', async () => {
  const before = await startWorker(db);
  await startWorker(db, before.id);
  const delivery = { taskId: await submitTask(db), attempt: 1, delivery: 1 };
  expect(await claimAttempts(db, before, [delivery])).toEqual([]);
  expect((await readTask(delivery.taskId)).status).toBe('queued');
  expect(await readWorker(before.id)).toMatchObject({ claimed: 0 });
});

test('a process that never registered claims nothing', async () => {
  const delivery = { taskId: await submitTask(db), attempt: 1, delivery: 1 };
  expect(await claimAttempts(db, { id: 'nobody', instance: randomUUID() }, [delivery])).toEqual([]);
});

test('a worker that was taken for lost is live again when it claims', async () => {
  const worker = await startWorker(db);
  await noteLiveness(db, [{ ...worker, verdict: 'lost' }]);
  expect(await readWorker(worker.id)).toMatchObject({ status: 'lost' });
  await runningTask(db, worker);
  expect(await readWorker(worker.id)).toMatchObject({ status: 'live', endedAt: null });
});

test('any number of claims is one statement', async () => {
  const worker = await startWorker(db);
  const ids = await Promise.all(Array.from({ length: 50 }, () => submitTask(db)));
  const before = database.statements.length;
  const claimed = await claimAttempts(
    db,
    worker,
    ids.map((taskId) => ({ taskId, attempt: 1, delivery: 1 })),
  );
  expect(database.statements.length - before).toBe(1);
  expect(claimed).toHaveLength(50);
  expect(await readWorker(worker.id)).toMatchObject({ claimed: 50 });
});

test('of one attempt that is delivered twice in one batch, the later delivery is claimed', async () => {
  const worker = await startWorker(db);
  const first = { taskId: await submitTask(db), attempt: 1, delivery: 1 };
  const claimed = await claimAttempts(db, worker, [first, { ...first, delivery: 2 }, first]);
  expect(claimed).toMatchObject([{ delivery: 2 }]);
  expect(await readWorker(worker.id)).toMatchObject({ claimed: 1 });
});

test('an empty batch claims nothing', async () => {
  expect(await claimAttempts(db, await startWorker(db), [])).toEqual([]);
});
