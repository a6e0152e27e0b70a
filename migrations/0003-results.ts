import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table results (
      task_id uuid primary key references tasks on delete cascade,
      exit_code integer,
      signal text,
      duration_ms double precision not null check (duration_ms >= 0),
      -- UTF-8, kept as bytes because a program may print U+0000, which text cannot hold.
      stdout bytea not null,
      stderr bytea not null,
      stdout_bytes bigint not null check (stdout_bytes >= 0),
      stderr_bytes bigint not null check (stderr_bytes >= 0),
      stdout_dropped_bytes bigint not null check (stdout_dropped_bytes between 0 and stdout_bytes),
      stderr_dropped_bytes bigint not null check (stderr_dropped_bytes between 0 and stderr_bytes),
      -- As text, so that its fields stay in their order.
      error json
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table results`.execute(db);
}
