import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table idempotency_keys (
      tenant_id text not null,
      key text not null check (key ~ '^[ -~]{1,255}$'),
      -- SHA-256 of what was submitted with it.
      body_hash bytea not null check (length(body_hash) = 32),
      -- A key that is there has its task: it goes with it at the latest.
      task_id uuid not null references tasks on delete cascade,
      created_at timestamptz not null default now(),
      primary key (tenant_id, key)
    )`.execute(db);
  await sql`create unique index idempotency_keys_by_task on idempotency_keys (task_id)`.execute(db);
  await sql`create index idempotency_keys_to_remove on idempotency_keys (created_at)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table idempotency_keys`.execute(db);
}
