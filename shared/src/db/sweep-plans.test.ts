import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { seedManyTasks } from '../../test/many-tasks.ts';
import { planOf } from '../../test/plan-of.ts';
import { endedAttempt, newTask, nextTaskId, startWorker, type TestWorker } from '../../test/tasks.ts';
import { claimAttempts, type Delivery } from './claim-attempts.ts';
import { expireQueued } from './expire-queued.ts';
import { findAttemptHolder } from './find-attempt-holder.ts';
import { findTask } from './find-task.ts';
import { giveBackAttempts } from './give-back-attempts.ts';
import { insertTask, type Admission } from './insert-task.ts';
import { listTasks } from './list-tasks.ts';
import { listWorkers } from './list-workers.ts';
import { loseAttempts } from './lose-attempts.ts';
import { makeQueuedDue } from './make-queued-due.ts';
import { recordOutcomes } from './record-outcomes.ts';
import { removeEndedTasks } from './remove-ended-tasks.ts';
import { removeGoneWorkers } from './remove-gone-workers.ts';
import { removeStaleKeys } from './remove-stale-keys.ts';
import { takeDueDispatches } from './take-due-dispatches.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

const dayMs = 86_400_000;
let worker: TestWorker;
let waiting: Delivery[];
let running: Delivery[];

// Every statement that touches tasks, at a size at which reading a table from end to end is a fault that shows.
beforeAll(async () => {
  worker = await startWorker(db, 'live-1');
  await sql`
    insert into workers (id, instance, type, host, pid, version, concurrency, status, ended_at)
    select 'gone-' || n, gen_random_uuid(), 'javascript', 'h', 1, '1', 1,
      (case when n % 100 = 0 then 'lost' else 'stopped' end)::worker_status, now() - n * interval '1 min'
    from generate_series(1, 300) n`.execute(db);
  await sql`
    insert into workers (id, instance, type, host, pid, version, concurrency)
    select 'live-' || n, gen_random_uuid(), 'javascript', 'h', 1, '1', 1 from generate_series(2, 3000) n`.execute(
    db,
  );
  await seedManyTasks(db, 1_000_000);
  waiting = await deliveries('queued', 1);
  running = await deliveries('running', 1);
}, 240_000);

async function deliveries(status: 'queued' | 'running', delivery: number): Promise<Delivery[]> {
  const rows = await db.selectFrom('tasks').select('id').where('status', '=', status).limit(32).execute();
  return rows.map(({ id }) => ({ taskId: id, attempt: 1, delivery }));
}

const room: Admission = { idempotency: null, maxUnfinishedOfTenant: 10_000, maxUnfinished: 100_000 };
const submit = (admission: Partial<Admission>) => insertTask(db, newTask(), { ...room, ...admission });
const keyed = (key: string) => ({ idempotency: { key, bodyHash: new Uint8Array(32) } });

test.each([
  ['takeDueDispatches', 'tasks_to_dispatch', () => takeDueDispatches(db, 10)],
  ['makeQueuedDue', 'tasks_to_dispatch', () => makeQueuedDue(db, 10)],
  ['expireQueued', 'tasks_to_expire', () => expireQueued(db, 1_000)],
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
  [
    'loseAttempts of one attempt',
    'tasks_pkey',
    () => loseAttempts(db, { kind: 'attempt', ...running[9]! }, { crash: true, limit: 1 }),
  ],
  ['removeEndedTasks', 'tasks_to_remove', () => removeEndedTasks(db, 6.9 * dayMs, 1_000)],
  ['removeStaleKeys', 'idempotency_keys_to_remove', () => removeStaleKeys(db, 1_000)],
  ['removeGoneWorkers', 'workers_gone', () => removeGoneWorkers(db, 200 * 60_000, 10)],
  ['insertTask', 'tasks_unfinished', () => submit({})],
  [
    'insertTask that does not look at the whole system',
    'tasks_unfinished',
    () => submit({ maxUnfinished: null }),
  ],
  ['insertTask where there is no room', 'tasks_unfinished', () => submit({ maxUnfinishedOfTenant: 100 })],
  ['insertTask with a key', 'idempotency_keys_pkey', () => submit(keyed('a new one'))],
  ['insertTask with a known key', 'idempotency_keys_pkey', () => submit(keyed('a new one'))],
  ['claimAttempts', 'tasks_pkey', () => claimAttempts(db, worker, waiting)],
  ['claimAttempts of one', 'tasks_pkey', () => claimAttempts(db, worker, waiting.slice(-1))],
  [
    'recordOutcomes',
    'tasks_pkey',
    () =>
      recordOutcomes(
        db,
        running.map((held) => endedAttempt(held, worker, { reason: 'internal' })),
      ),
  ],
  ['recordOutcomes of one', 'tasks_pkey', () => recordOutcomes(db, [endedAttempt(running[0]!, worker)])],
  [
    'giveBackAttempts',
    'attempts_pkey',
    () =>
      giveBackAttempts(
        db,
        running.map((held) => ({ ...held, workerId: worker.id, durationMs: 1 })),
      ),
  ],
  ['findAttemptHolder', 'tasks_pkey', () => findAttemptHolder(db, running[0]!.taskId, 1)],
  ['findTask', 'attempts_pkey', () => findTask(db, 'acme', running[0]!.taskId)],
  ['listWorkers', 'workers_pkey', () => listWorkers(db, 'acme', 'live-7')],
  // Of a fiftieth of the tasks, the planner finds both ways about as cheap, and the sample decides.
  ['listTasks', 'tasks_by_tenant', () => listTasks(db, 'acme', { limit: 20, before: nextTaskId() })],
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
])('at a million tasks, %s reads %s, and no table of tasks from end to end', async (_name, index, act) => {
  const { indexes, wholeTables } = await planOf(database, act);
  expect(indexes).toContain(index);
  for (const table of ['tasks', 'attempts', 'results', 'idempotency_keys'])
    expect(wholeTables).not.toContain(table);
});

test('what is removed with a task is found by an index too', async () => {
  // All in one session, whose counts are written when they are asked for.
  await db.connection().execute(async (session) => {
    const wholeReads = async () => {
      await sql`select pg_stat_force_next_flush()`.execute(session);
      const { rows } = await sql`
        select relname, seq_scan from pg_stat_user_tables
        where relname in ('results', 'attempts', 'idempotency_keys')
        order by 1`.execute(session);
      return rows;
    };
    const before = await wholeReads();
    expect(await removeEndedTasks(session, 6.8 * dayMs, 1_000)).toBe(1_000);
    // Those have nothing; these, the latest, have a result, an attempt and a key each.
    const { rows } = await sql<{ id: string }>`
      select id from tasks where status = 'completed' order by id desc limit 100`.execute(session);
    await session
      .deleteFrom('tasks')
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .execute();
    expect(await wholeReads()).toEqual(before);
  });
});
