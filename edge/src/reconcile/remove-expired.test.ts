import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { claim, record, seedTask, seedWorker } from '../../test/seed.ts';
import { reconcileOnce, setBack, startAfresh } from '../../test/start-afresh.ts';
import { useEdge } from '../../test/use-edge.ts';
import { removeExpired } from './remove-expired.ts';

const edge = await useEdge({
  redis: 'remove-expired',
  bindings: { RETENTION_DAYS: '2', WORKER_RETENTION_DAYS: '5' },
});
startAfresh(edge);

const bounds = { batchSize: 2, batches: 10, budgetMs: 10_000 };

/** A task with a result that ended this many days ago; an ended row cannot be changed, so it ends in the past. */
async function seedEnded(days: number): Promise<string> {
  const worker = await seedWorker(edge);
  const id = await seedTask(edge);
  await claim(edge, worker, [id]);
  await sql`
    with task as (
      update tasks set status = 'completed', reason = 'ok', deadline_at = null, ended_at = now() - ${days}::float8 * interval '1 day'
      where id = ${id}
    )
    insert into results (task_id, duration_ms, stdout, stderr, stdout_bytes, stderr_bytes, stdout_dropped_bytes, stderr_dropped_bytes)
    values (${id}, 12.5, '', '', 0, 0, 0, 0)`.execute(edge.db());
  return id;
}

async function seedGone(status: 'lost' | 'stopped', days: number): Promise<string> {
  const { id } = await seedWorker(edge);
  await sql`update workers set status = ${status}::worker_status, ended_at = now() where id = ${id}`.execute(
    edge.db(),
  );
  await setBack(edge, 'workers', 'ended_at', id, days * 24 * 3600);
  return id;
}

const idsIn = async (table: 'tasks' | 'workers') =>
  (await edge.db().selectFrom(table).select('id').orderBy('id').execute()).map(({ id }) => id);

describe('a task', () => {
  it('is removed with its result and its attempts when it ended longer ago than the retention', async () => {
    const old = await seedEnded(2.01);
    const young = await seedEnded(1.99);
    expect(await reconcileOnce(edge)).toMatchObject({ tasksRemoved: 1, errors: [] });
    expect(await idsIn('tasks')).toEqual([young]);
    for (const table of ['results', 'attempts'] as const) {
      const rows = await edge.db().selectFrom(table).select('taskId').execute();
      expect(rows).toEqual([{ taskId: young }]);
      expect(rows).not.toContainEqual({ taskId: old });
    }
  });

  it('that has not ended is kept, however old it is', async () => {
    const id = await seedTask(edge);
    await setBack(edge, 'tasks', 'created_at', id, 100 * 24 * 3600);
    expect(await reconcileOnce(edge)).toMatchObject({ tasksRemoved: 0 });
    expect(await idsIn('tasks')).toEqual([id]);
  });

  it('counts in the totals of its worker even when it is removed', async () => {
    const worker = await seedWorker(edge);
    const [delivery] = await claim(edge, worker, [await seedTask(edge)]);
    await record(edge, worker, delivery!);
    await removeExpired(edge.db(), { ...edge.settings, retentionMs: 0 }, bounds);
    expect(await idsIn('tasks')).toEqual([]);
    const totals = await edge.db().selectFrom('workerOutcomes').select(['outcome', 'count']).execute();
    expect(totals).toMatchObject([{ outcome: 'ok' }]);
  });
});

describe('a worker', () => {
  it('is removed when it is gone for longer than the retention of workers', async () => {
    await seedGone('lost', 5.01);
    await seedGone('stopped', 5.01);
    const kept = [await seedGone('lost', 4.99), await seedGone('stopped', 4.99)];
    const { id: live } = await seedWorker(edge);
    expect(await reconcileOnce(edge)).toMatchObject({ workersRemoved: 2, errors: [] });
    expect(await idsIn('workers')).toEqual([...kept, live].toSorted());
  });
});

describe('an idempotency key', () => {
  it('is removed when its life is over, with its task or without', async () => {
    const keep = async (taskId: string, hours: number) =>
      sql`
        insert into idempotency_keys (tenant_id, key, body_hash, task_id, created_at)
        values ('local', ${`${hours} h`}, ${Buffer.alloc(32)}, ${taskId}, now() - ${hours}::float8 * interval '1 h')`.execute(
        edge.db(),
      );
    await keep(await seedEnded(3), 72);
    await keep(await seedEnded(1), 24.01);
    await keep(await seedEnded(0.5), 23.99);
    expect(await reconcileOnce(edge)).toMatchObject({ tasksRemoved: 1, keysRemoved: 1, errors: [] });
    const keys = await edge.db().selectFrom('idempotencyKeys').select('key').execute();
    expect(keys).toEqual([{ key: '23.99 h' }]);
  });
});

it('keeps up with more than a batch of a run', async () => {
  for (let count = 0; count < 7; count += 1) await seedEnded(8);
  expect(await removeExpired(edge.db(), edge.settings, bounds)).toMatchObject({ tasks: 7 });
});

it('removes up to the bound of a run, oldest first', async () => {
  const [oldest, older, old] = [await seedEnded(9), await seedEnded(8), await seedEnded(7)];
  expect(await removeExpired(edge.db(), edge.settings, { ...bounds, batches: 1 })).toMatchObject({
    tasks: 2,
  });
  expect(await idsIn('tasks')).toEqual([old]);
  expect([oldest, older]).not.toContain(old);
  expect(await removeExpired(edge.db(), edge.settings, { ...bounds, batches: 1 })).toMatchObject({
    tasks: 1,
  });
});
