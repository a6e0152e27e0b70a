import { afterAll, beforeEach, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { findTask } from './find-task.ts';
import { listTasks, type TaskFilter } from './list-tasks.ts';
import { recordOutcomes } from './record-outcomes.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

const list = async (filter: Partial<TaskFilter>) =>
  (await listTasks(db, 'acme', { limit: 100, ...filter })).map(({ id }) => id);

test('pages follow each other, newest first, without a gap or a repetition', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 7; count += 1) ids.push(await submitTask(db));
  const seen: string[] = [];
  for (
    let page = await list({ limit: 3 });
    page.length > 0;
    page = await list({ limit: 3, before: seen.at(-1) })
  ) {
    expect(page.length).toBeLessThanOrEqual(3);
    seen.push(...page);
  }
  expect(seen).toEqual(ids.toReversed());
});

test('a task that comes in between two pages does not move what is on the second', async () => {
  const ids = [await submitTask(db), await submitTask(db), await submitTask(db)];
  const [first] = await list({ limit: 1 });
  await submitTask(db);
  expect(await list({ before: first })).toEqual([ids[1], ids[0]]);
});

test('filters hold alone and together', async () => {
  const worker = await startWorker(db);
  const queued = await submitTask(db, { type: 'python' });
  const running = (await runningTask(db, worker, { type: 'python' })).taskId;
  const ended = await runningTask(db, worker);
  await recordOutcomes(db, [endedAttempt(ended, worker)]);
  expect(await list({ status: 'queued' })).toEqual([queued]);
  expect(await list({ workerId: worker.id })).toEqual([ended.taskId, running]);
  expect(await list({ type: 'python' })).toEqual([running, queued]);
  expect(await list({ type: 'python', status: 'running', workerId: worker.id })).toEqual([running]);
  expect(await list({ status: 'completed', type: 'python' })).toEqual([]);
});

test('a task that was just put in is queued, and shows what was said of it', async () => {
  const id = await submitTask(db, { prompt: 'math 😀', timeoutMs: 1_500, maxAttempts: 2 });
  const shown = {
    id,
    type: 'javascript',
    prompt: 'math 😀',
    status: 'queued',
    reason: null,
    attempt: 1,
    maxAttempts: 2,
    retry: null,
    retries: 0,
    workerId: null,
    timeoutMs: 1_500,
    createdAt: expect.any(Date),
    expiresAt: null,
    startedAt: null,
    endedAt: null,
  };
  expect(await findTask(db, 'acme', id)).toMatchObject({ ...shown, attempts: [], result: null });
  expect(await listTasks(db, 'acme', { limit: 1 })).toEqual([shown]);
});
