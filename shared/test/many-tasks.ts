import { sql } from 'kysely';
import type { Database } from '../src/db/database.ts';

/**
 * A fleet some days into its work: nearly all of so many tasks have ended, over a week, of 50 tenants on ten workers; 5,000
 * wait and 2,000 run, all of them of `acme`. A part has results, attempts and idempotency keys.
 *
 * Without a log and without the indexes, which are made when the rows are there: half a minute otherwise. Ids are those of
 * Postgres 18.
 */
export async function seedManyTasks(db: Database, ended: number): Promise<void> {
  await db.connection().execute(async (connection) => {
    // Neither foreign keys nor the guard of ended tasks are asked about each row.
    await sql`set session_replication_role = replica`.execute(connection);
    for (const table of ['attempts', 'results', 'idempotency_keys', 'tasks']) {
      await sql`alter table ${sql.table(table)} set unlogged`.execute(connection);
    }
    const { rows: indexes } = await sql<{ indexname: string; indexdef: string }>`
      select indexname, indexdef from pg_indexes
      where schemaname = 'public' and tablename in ('tasks', 'idempotency_keys') and indexname not like '%_pkey'`.execute(
      connection,
    );
    for (const { indexname } of indexes) await sql`drop index ${sql.ref(indexname)}`.execute(connection);

    await sql`
      insert into tasks (id, tenant_id, type, code, timeout_ms, max_attempts, status, reason, worker_id, delivery, created_at,
        started_at, ended_at)
      select uuidv7(-ago), 'tenant-' || n % 50, 'javascript', 'console.log(2+2)', 30000, 3, 'completed', 'ok',
        'w-' || n % 10, 1, now() - ago, now() - ago, now() - ago
      from generate_series(${ended}::int, 1, -1) n, lateral (select n * interval '7 days' / ${ended}::int as ago) t`.execute(
      connection,
    );
    const some = sql`select * from tasks order by id desc limit ${Math.round(ended / 10)}`;
    await sql`
      insert into results (task_id, exit_code, duration_ms, stdout, stderr, stdout_bytes, stderr_bytes,
        stdout_dropped_bytes, stderr_dropped_bytes)
      select id, 0, 12.5, '4', '', 1, 0, 0, 0 from (${some}) t`.execute(connection);
    await sql`
      insert into attempts (task_id, attempt, delivery, worker_id, started_at, ended_at, outcome)
      select id, 1, 1, worker_id, started_at, ended_at, 'ok' from (${some}) t`.execute(connection);
    await sql`
      insert into idempotency_keys (tenant_id, key, body_hash, task_id, created_at)
      select tenant_id, 'key-' || id, decode(repeat('00', 32), 'hex'), id, created_at - interval '20 hours'
      from (${some}) t`.execute(connection);
    await sql`
      insert into tasks (id, tenant_id, type, code, timeout_ms, max_attempts, dispatch_due, expires_at)
      select uuidv7(), 'acme', 'javascript', '1', 1000, 3, now() + (n - 50) * interval '1 s',
        case when n % 5 = 0 then now() + n * interval '1 s' end
      from generate_series(1, 5000) n`.execute(connection);
    await sql`
      insert into tasks (id, tenant_id, type, code, timeout_ms, max_attempts, status, delivery, worker_id, started_at,
        deadline_at)
      select uuidv7(), 'acme', 'javascript', '1', 1000, 3, 'running', 1, 'live-' || n, now(),
        now() + (n - 20) * interval '1 s'
      from generate_series(1, 2000) n`.execute(connection);

    for (const { indexdef } of indexes) await sql.raw(indexdef).execute(connection);
    await sql`set session_replication_role = origin`.execute(connection);
    await sql`analyze`.execute(connection);
  });
}
