import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create type task_status as enum ('queued', 'running', 'completed', 'failed', 'cancelled', 'expired')`.execute(
    db,
  );
  await sql`
    create type end_reason as enum (
      'ok', 'exit_code', 'uncaught_error', 'syntax_error', 'signal', 'timeout', 'cpu_limit', 'memory_limit',
      'output_limit', 'internal', 'worker_lost', 'poisoned', 'cancelled', 'expired'
    )`.execute(db);

  await sql`
    create table tasks (
      id uuid primary key,
      tenant_id text not null,
      type text not null,
      code text not null,
      prompt text,
      timeout_ms integer not null check (timeout_ms > 0),
      max_attempts integer not null check (max_attempts > 0),

      status task_status not null default 'queued',
      reason end_reason,

      -- The fence: whoever holds the current (attempt, delivery) may record, and nobody else.
      attempt integer not null default 1 check (attempt > 0),
      delivery integer not null default 0 check (delivery >= 0),
      losses integer not null default 0 check (losses >= 0),
      crashes integer not null default 0 check (crashes between 0 and losses),
      worker_id text,

      created_at timestamptz not null default now(),
      dispatch_due timestamptz,
      started_at timestamptz,
      deadline_at timestamptz,
      ended_at timestamptz,

      constraint tasks_reason_fits_status check (
        case status
          when 'queued' then reason is null
          when 'running' then reason is null
          when 'completed' then reason is not distinct from 'ok'
          when 'cancelled' then reason is not distinct from 'cancelled'
          when 'expired' then reason is not distinct from 'expired'
          when 'failed' then reason is not null and reason not in ('ok', 'cancelled', 'expired')
        end
      ),
      constraint tasks_columns_fit_status check (
        case status
          when 'queued' then delivery = 0 and worker_id is null and dispatch_due is not null
            and started_at is null and deadline_at is null and ended_at is null
          when 'running' then delivery > 0 and worker_id is not null and dispatch_due is null
            and started_at is not null and deadline_at is not null and ended_at is null
          else dispatch_due is null and deadline_at is null and ended_at is not null
        end
      )
    )`.execute(db);

  await sql`
    create function refuse_change_of_ended_task() returns trigger language plpgsql as $$
    begin
      raise exception 'task % has ended as %', old.id, old.status using errcode = 'integrity_constraint_violation';
    end
    $$`.execute(db);
  await sql`
    create trigger tasks_end_once before update on tasks
      for each row when (old.status in ('completed', 'failed', 'cancelled', 'expired'))
      execute function refuse_change_of_ended_task()`.execute(db);

  // Lists: newest first is by id, because ids are UUIDv7.
  await sql`create index tasks_by_tenant on tasks (tenant_id, id)`.execute(db);
  await sql`create index tasks_by_tenant_status on tasks (tenant_id, status, id)`.execute(db);
  await sql`create index tasks_by_tenant_worker on tasks (tenant_id, worker_id, id) where worker_id is not null`.execute(
    db,
  );

  // Sweeps: each index holds only the rows that its sweep may find.
  await sql`create index tasks_to_dispatch on tasks (dispatch_due) where status = 'queued'`.execute(db);
  await sql`create index tasks_overdue on tasks (deadline_at) where status = 'running'`.execute(db);
  await sql`create index tasks_running_on_worker on tasks (worker_id) where status = 'running'`.execute(db);
  await sql`
    create index tasks_to_remove on tasks (ended_at)
      where status in ('completed', 'failed', 'cancelled', 'expired')`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table tasks`.execute(db);
  await sql`drop function refuse_change_of_ended_task`.execute(db);
  await sql`drop type end_reason`.execute(db);
  await sql`drop type task_status`.execute(db);
}
