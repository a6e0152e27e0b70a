import { afterAll, beforeEach, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, nextTaskId, runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { findTask } from './find-task.ts';
import { listTasks } from './list-tasks.ts';
import { listWorkers } from './list-workers.ts';
import { recordOutcomes } from './record-outcomes.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

test('a tenant finds its own task and no other', async () => {
  const id = await submitTask(db, { tenantId: 'acme' });
  expect(await findTask(db, 'acme', id)).toMatchObject({ id, result: null });
  expect(await findTask(db, 'evil', id)).toBeNull();
  expect(await findTask(db, '', id)).toBeNull();
});

test('a tenant lists its own tasks and no others, whatever it filters by', async () => {
  const worker = await startWorker(db);
  const own = await runningTask(db, worker, { tenantId: 'acme' });
  await runningTask(db, worker, { tenantId: 'evil' });
  const filters = [{}, { status: 'running' as const }, { workerId: worker.id }, { type: 'javascript' }];
  for (const filter of [...filters, { before: nextTaskId() }]) {
    const page = await listTasks(db, 'acme', { ...filter, limit: 10 });
    expect(page.map(({ id }) => id)).toEqual([own.taskId]);
  }
  expect(await listTasks(db, 'nobody', { limit: 10 })).toEqual([]);
});

test('a tenant sees which of its own tasks run on a worker, and no others', async () => {
  const worker = await startWorker(db);
  const own = await runningTask(db, worker, { tenantId: 'acme' });
  await runningTask(db, worker, { tenantId: 'evil' });
  const ended = await runningTask(db, worker, { tenantId: 'acme' });
  await recordOutcomes(db, [endedAttempt(ended, worker)]);
  const [seen] = await listWorkers(db, 'acme', worker.id);
  expect(seen).toMatchObject({ claimed: 3, runningTasks: [own.taskId] });
});
