import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { findAttemptHolder } from './find-attempt-holder.ts';
import { listWorkerSightings } from './list-worker-sightings.ts';
import { listWorkers } from './list-workers.ts';
import { noteLiveness } from './note-liveness.ts';
import { registerWorker } from './register-worker.ts';
import { stopWorker } from './stop-worker.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

const readWorker = async (id: string) => (await listWorkers(db, 'acme', id))[0];
const readRow = (id: string) =>
  db.selectFrom('workers').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('registerWorker', () => {
  const registration = {
    id: 'worker-1',
    instance: randomUUID(),
    type: 'javascript',
    host: 'host.test',
    pid: 1,
    version: '1.0.0',
    concurrency: 2,
  };

  test('answers how the process before it left the id', async () => {
    expect(await registerWorker(db, registration)).toBeNull();
    expect(await registerWorker(db, registration)).toBe('live');
    await noteLiveness(db, [{ ...registration, verdict: 'lost' }]);
    expect(await registerWorker(db, registration)).toBe('lost');
    await stopWorker(db, registration);
    expect(await registerWorker(db, registration)).toBe('stopped');
  });

  test('the totals of the id go on, and what describes the process is replaced', async () => {
    await registerWorker(db, registration);
    await runningTask(db, registration);
    await stopWorker(db, registration);
    const next = { ...registration, instance: randomUUID(), pid: 2, host: 'other.test', version: '2.0.0' };
    await registerWorker(db, next);
    expect(await readWorker('worker-1')).toMatchObject({
      ...next,
      claimed: 1,
      status: 'live',
      endedAt: null,
    });
  });

  test('of many processes that register one id at once, each replaces another, and one is left', async () => {
    const instances = Array.from({ length: 10 }, () => randomUUID());
    const answers = await Promise.all(
      instances.map((instance) => registerWorker(db, { ...registration, instance })),
    );
    expect(answers).toHaveLength(10);
    expect(instances).toContain((await readWorker('worker-1'))?.instance);
  });
});

describe('stopWorker', () => {
  test('ends a worker', async () => {
    const worker = await startWorker(db);
    await stopWorker(db, worker);
    expect(await readWorker(worker.id)).toMatchObject({ status: 'stopped', endedAt: expect.any(Date) });
  });

  test('does not end the process that has the id now', async () => {
    const before = await startWorker(db);
    const now = await startWorker(db, before.id);
    await stopWorker(db, before);
    expect(await readWorker(before.id)).toMatchObject({ status: 'live', instance: now.instance });
  });
});

describe('noteLiveness', () => {
  test('suspects, gives up and takes back', async () => {
    const worker = await startWorker(db);
    await noteLiveness(db, [{ ...worker, verdict: 'suspect' }]);
    expect(await readRow(worker.id)).toMatchObject({ status: 'live', suspectedAt: expect.any(Date) });
    await noteLiveness(db, [{ ...worker, verdict: 'lost' }]);
    expect(await readRow(worker.id)).toMatchObject({
      status: 'lost',
      suspectedAt: null,
      endedAt: expect.any(Date),
    });
    await noteLiveness(db, [{ ...worker, verdict: 'alive' }]);
    expect(await readRow(worker.id)).toMatchObject({ status: 'live', suspectedAt: null, endedAt: null });
  });

  test('changes nothing where there is nothing to note', async () => {
    const worker = await startWorker(db);
    await noteLiveness(db, [{ ...worker, verdict: 'suspect' }]);
    const before = await readRow(worker.id);
    await noteLiveness(db, [{ ...worker, verdict: 'unchanged' }]);
    expect(await readRow(worker.id)).toEqual(before);
  });

  test('leaves alone an id that another process has taken', async () => {
    const before = await startWorker(db);
    await startWorker(db, before.id);
    await noteLiveness(db, [{ ...before, verdict: 'lost' }]);
    expect(await readWorker(before.id)).toMatchObject({ status: 'live' });
  });

  test('leaves alone a worker that has stopped, even when a beat of it is still there', async () => {
    const worker = await startWorker(db);
    await stopWorker(db, worker);
    await noteLiveness(db, [{ ...worker, verdict: 'alive' }]);
    expect(await readWorker(worker.id)).toMatchObject({ status: 'stopped' });
  });
});

describe('listWorkerSightings', () => {
  test('shows those that have not stopped, with ages by the clock of Postgres', async () => {
    const [live, lost, stopped] = [
      await startWorker(db, 'a'),
      await startWorker(db, 'b'),
      await startWorker(db, 'c'),
    ];
    await noteLiveness(db, [{ ...live, verdict: 'suspect' }]);
    await noteLiveness(db, [{ ...lost, verdict: 'lost' }]);
    await stopWorker(db, stopped);
    await sql`
      update workers set suspected_at = now() - interval '20 s', registered_at = now() - interval '60 s'
      where id = 'a'`.execute(db);
    const [first, second, ...others] = await listWorkerSightings(db);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ ...live, status: 'live' });
    expect(first?.suspectedForMs).toBeGreaterThanOrEqual(20_000);
    expect(first?.registeredForMs).toBeGreaterThanOrEqual(60_000);
    expect(second).toMatchObject({ ...lost, status: 'lost', suspectedForMs: null });
  });
});

test('the holder of an attempt is the worker that runs it now', async () => {
  const worker = await startWorker(db);
  const held = await runningTask(db, worker);
  expect(await findAttemptHolder(db, held.taskId, 1)).toBe(worker.id);
  expect(await findAttemptHolder(db, held.taskId, 2)).toBeNull();
  expect(await findAttemptHolder(db, await submitTask(db), 1)).toBeNull();
});

test('workers are listed by id', async () => {
  for (const id of ['b', 'a', 'c']) await startWorker(db, id);
  expect((await listWorkers(db, 'acme')).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(await listWorkers(db, 'acme', 'd')).toEqual([]);
});
