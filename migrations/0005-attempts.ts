import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table attempts (
      task_id uuid not null references tasks on delete cascade,
      attempt integer not null,
      delivery integer not null,
      worker_id text not null,
      started_at timestamptz not null default now(),
      ended_at timestamptz,
      outcome attempt_outcome,
      primary key (task_id, attempt, delivery),
      constraint attempts_outcome_fits_end check ((outcome is null) = (ended_at is null))
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table attempts`.execute(db);
}
