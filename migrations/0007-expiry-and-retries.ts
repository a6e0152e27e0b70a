import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table tasks
      -- A task that has not been started by then never is.
      add column expires_at timestamptz,
      -- What a failure of the code leads to; null: it ends the task. Every field is set, so no statement knows a default.
      add column retry jsonb,
      -- Attempts that were minted because of it.
      add column retries integer not null default 0,
      add constraint tasks_expire_after_creation check (expires_at > created_at),
      add constraint tasks_retry_is_a_policy check (
        jsonb_typeof(retry) = 'object' and retry ?& array['limit', 'delayMs', 'backoff', 'on']
      ),
      add constraint tasks_retries_fit_policy check (
        retries = 0 or (retries > 0 and retry is not null and retries <= (retry ->> 'limit')::integer)
      )`.execute(db);
  // An attempt beyond the first has been started before. Few tasks expire at all, so the index is small.
  await sql`
    create index tasks_to_expire on tasks (expires_at)
      where status = 'queued' and attempt = 1 and expires_at is not null`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table tasks
      drop constraint tasks_expire_after_creation,
      drop constraint tasks_retry_is_a_policy,
      drop constraint tasks_retries_fit_policy,
      drop column expires_at,
      drop column retry,
      drop column retries`.execute(db);
}
