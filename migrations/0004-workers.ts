import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create type worker_status as enum ('live', 'lost', 'stopped')`.execute(db);
  await sql`
    create type attempt_outcome as enum (
      'ok', 'exit_code', 'uncaught_error', 'syntax_error', 'signal', 'timeout', 'cpu_limit', 'memory_limit',
      'output_limit', 'internal', 'cancelled', 'given_back', 'lost', 'late'
    )`.execute(db);

  await sql`
    create table workers (
      id text primary key,
      -- Which process holds the id now: a predecessor with the same id can neither claim nor beat.
      instance uuid not null,
      type text not null,
      host text not null,
      pid integer not null,
      version text not null,
      concurrency integer not null check (concurrency > 0),
      status worker_status not null default 'live',
      registered_at timestamptz not null default now(),
      last_beat_at timestamptz not null default now(),
      suspected_at timestamptz,
      ended_at timestamptz,
      claimed bigint not null default 0,
      constraint workers_ended_fits_status check ((status = 'live') = (ended_at is null))
    )`.execute(db);
  await sql`create index workers_gone on workers (ended_at) where status <> 'live'`.execute(db);

  // What became of the attempts that a worker claimed: totals that outlive Redis and the tasks themselves.
  await sql`
    create table worker_outcomes (
      worker_id text not null references workers on delete cascade,
      outcome attempt_outcome not null,
      count bigint not null default 0,
      busy_ms double precision not null default 0,
      primary key (worker_id, outcome)
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table worker_outcomes`.execute(db);
  await sql`drop table workers`.execute(db);
  await sql`drop type attempt_outcome`.execute(db);
  await sql`drop type worker_status`.execute(db);
}
