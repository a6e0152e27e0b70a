import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../../shared/test/database.ts';
import { nextTaskId, startWorker, submitTask } from '../../../shared/test/tasks.ts';
import { createClaim, ReplacedError } from './claim.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

test('claims that come at once share statements, and each gets its own attempt', async () => {
  const claim = createClaim(db, await startWorker(db));
  const ids = await Promise.all(
    Array.from({ length: 40 }, (_, index) => submitTask(db, { code: `task ${index}` })),
  );
  const before = database.statements.length;
  const claimed = await Promise.all(ids.map((taskId) => claim({ taskId, attempt: 1, delivery: 1 })));
  expect(claimed.map((attempt) => attempt?.code)).toEqual(ids.map((_, index) => `task ${index}`));
  // The first goes alone, and all others wait for it.
  expect(database.statements.length - before).toBe(2);
});

test('what cannot be claimed is null, beside what can', async () => {
  const claim = createClaim(db, await startWorker(db));
  const taskId = await submitTask(db);
  const claims = [nextTaskId(), taskId, nextTaskId()].map((id) =>
    claim({ taskId: id, attempt: 1, delivery: 1 }),
  );
  expect(await Promise.all(claims)).toMatchObject([null, { taskId }, null]);
});

test('a process that has lost its id is told so, and does not take that for the end of the task', async () => {
  const before = await startWorker(db);
  const claim = createClaim(db, before);
  await startWorker(db, before.id);
  const delivery = { taskId: await submitTask(db), attempt: 1, delivery: 1 };
  await expect(claim(delivery)).rejects.toThrow(ReplacedError);
});

test('the same delivery twice in one batch may run once only', async () => {
  const claim = createClaim(db, await startWorker(db));
  const delivery = { taskId: await submitTask(db), attempt: 1, delivery: 1 };
  const first = claim({ taskId: nextTaskId(), attempt: 1, delivery: 1 });
  const claimed = await Promise.all([first, claim(delivery), claim(delivery)]);
  expect(claimed.filter((attempt) => attempt !== null)).toHaveLength(1);
});
