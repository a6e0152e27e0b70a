import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create type killer as enum ('task', 'limit', 'worker', 'kernel')`.execute(db);
  await sql`
    create type limit_name as enum (
      'timeout', 'cpu', 'memory', 'output', 'disk', 'inodes', 'openFiles', 'threads'
    )`.execute(db);

  // As text, so that names and files stay in their order. Null is what a task has that asks for nothing.
  await sql`
    alter table tasks
      add column input json check (json_typeof(input) = 'object'),
      add column limits json check (json_typeof(limits) = 'object'),
      add column queued_at timestamptz`.execute(db);
  // When a task that has ended was queued is not known any more: its row does not change.
  await sql`update tasks set queued_at = created_at where status in ('queued', 'running')`.execute(db);
  await sql`
    alter table tasks
      alter column queued_at set default now(),
      add constraint tasks_queued_at_is_known check (status not in ('queued', 'running') or queued_at is not null)`.execute(
    db,
  );

  await sql`
    alter table results
      add column killed_by killer,
      add column limit_name limit_name,
      add column cpu_ms double precision check (cpu_ms >= 0),
      add column memory_peak_bytes bigint check (memory_peak_bytes >= 0),
      add column prepare_ms double precision check (prepare_ms >= 0),
      add column run_ms double precision check (run_ms >= 0),
      add column collect_ms double precision check (collect_ms >= 0),
      add column value json,
      add column value_note text,
      add column isolation json check (json_typeof(isolation) = 'object'),
      add constraint results_killer_names_its_limit check (killed_by is distinct from 'limit' or limit_name is not null),
      add constraint results_timings_are_complete check (num_nulls(prepare_ms, run_ms, collect_ms) in (0, 3)),
      add constraint results_value_or_note check (value is null or value_note is null)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table results
      drop constraint results_killer_names_its_limit,
      drop constraint results_timings_are_complete,
      drop constraint results_value_or_note,
      drop column killed_by,
      drop column limit_name,
      drop column cpu_ms,
      drop column memory_peak_bytes,
      drop column prepare_ms,
      drop column run_ms,
      drop column collect_ms,
      drop column value,
      drop column value_note,
      drop column isolation`.execute(db);
  await sql`
    alter table tasks
      drop constraint tasks_queued_at_is_known,
      drop column input,
      drop column limits,
      drop column queued_at`.execute(db);
  await sql`drop type limit_name`.execute(db);
  await sql`drop type killer`.execute(db);
}
