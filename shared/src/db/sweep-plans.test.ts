import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { nextTaskId, startWorker } from '../../test/tasks.ts';
import { listTasks } from './list-tasks.ts';
import { loseAttempts } from './lose-attempts.ts';
import { makeQueuedDue } from './make-queued-due.ts';
import { removeEndedTasks } from './remove-ended-tasks.ts';
import { removeGoneWorkers } from './remove-gone-workers.ts';
import { takeDueDispatches } from './take-due-dispatches.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

// A fleet some days into its work: nearly every task has ended, a few wait, a few run.
beforeAll(async () => {
  await startWorker(db, 'w-1');
  await sql`
    insert into workers (id, instance, type, host, pid, version, concurrency, status, ended_at)
    select 'gone-' || n, gen_random_uuid(), 'javascript', 'h', 1, '1', 1,
      (case when n % 100 = 0 then 'lost' else 'stopped' end)::worker_status, now() - n * interval '1 min'
    from generate_series(1, 300) n`.execute(db);
  await sql`
    insert into workers (id, instance, type, host, pid, version, concurrency)
    select 'live-' || n, gen_random_uuid(), 'javascript', 'h', 1, '1', 1 from generate_series(1, 3000) n`.execute(
    db,
  );
  await sql`
    insert into tasks (id, tenant_id, type, code, timeout_ms, max_attempts, status, reason, worker_id, delivery, ended_at)
    select gen_random_uuid(), 'tenant-' || n % 50, 'javascript', repeat('x', 100), 1000, 3, 'completed', 'ok',
      'w-' || n % 10, 1, now() - n * interval '1 min'
    from generate_series(1, 8000) n`.execute(db);
  await sql`
    insert into tasks (id, tenant_id, type, code, timeout_ms, max_attempts, dispatch_due)
    select gen_random_uuid(), 'acme', 'javascript', '1', 1000, 3, now() + (n - 50) * interval '1 s'
    from generate_series(1, 100) n`.execute(db);
  await sql`
    insert into tasks (id, tenant_id, type, code, timeout_ms, max_attempts, status, delivery, worker_id, started_at, deadline_at)
    select gen_random_uuid(), 'acme', 'javascript', '1', 1000, 3, 'running', 1, 'live-' || n, now(),
      now() + (n - 20) * interval '1 s'
    from generate_series(1, 2000) n`.execute(db);
  await sql`analyze`.execute(db);
});

/** The indexes in the plan of the one statement that `act` sends, and the tables that it reads from end to end. */
async function planOf(act: () => Promise<unknown>): Promise<{ indexes: string[]; wholeTables: string[] }> {
  database.statements.length = 0;
  await act();
  const [statement, ...others] = database.statements;
  if (statement === undefined || others.length > 0) throw new Error('not one statement');
  const { rows } = await db.executeQuery<{ 'QUERY PLAN': unknown }>({
    ...statement,
    sql: `explain (format json) ${statement.sql}`,
  });
  const indexes = new Set<string>();
  const wholeTables = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('Index Name' in node) indexes.add(String(node['Index Name']));
    if ('Node Type' in node && node['Node Type'] === 'Seq Scan' && 'Relation Name' in node) {
      wholeTables.add(String(node['Relation Name']));
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(rows);
  return { indexes: [...indexes], wholeTables: [...wholeTables] };
}

test.each([
  ['takeDueDispatches', 'tasks_to_dispatch', () => takeDueDispatches(db, 10)],
  ['makeQueuedDue', 'tasks_to_dispatch', () => makeQueuedDue(db, 10)],
  [
    'loseAttempts of what is overdue',
    'tasks_overdue',
    () => loseAttempts(db, { kind: 'overdue', patienceMs: 0 }, { crash: false, limit: 10 }),
  ],
  [
    'loseAttempts of one worker',
    'tasks_running_on_worker',
    () => loseAttempts(db, { kind: 'of_worker', workerId: 'live-7' }, { crash: true, limit: 10 }),
  ],
  [
    'loseAttempts of workers that are lost',
    'tasks_running_on_worker',
    () => loseAttempts(db, { kind: 'of_lost_workers' }, { crash: true, limit: 10 }),
  ],
  ['removeEndedTasks', 'tasks_to_remove', () => removeEndedTasks(db, 7 * 86_400_000, 10)],
  ['removeGoneWorkers', 'workers_gone', () => removeGoneWorkers(db, 200 * 60_000, 10)],
  ['listTasks', 'tasks_by_tenant', () => listTasks(db, 'tenant-7', { limit: 20, before: nextTaskId() })],
  [
    'listTasks by status',
    'tasks_by_tenant_status',
    () => listTasks(db, 'acme', { limit: 20, status: 'queued', before: nextTaskId() }),
  ],
  [
    'listTasks by worker',
    'tasks_by_tenant_worker',
    () => listTasks(db, 'tenant-7', { limit: 20, workerId: 'w-7', before: nextTaskId() }),
  ],
])('%s reads %s, and never all tasks', async (_name, index, act) => {
  const { indexes, wholeTables } = await planOf(act);
  expect(indexes).toContain(index);
  expect(wholeTables).not.toContain('tasks');
});
