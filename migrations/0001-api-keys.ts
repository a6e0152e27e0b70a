import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table api_keys (
      id text primary key,
      tenant_id text not null check (tenant_id <> ''),
      name text not null,
      -- SHA-256 of the key's secret half. The secret has 256 random bits, so a slow hash would add nothing.
      secret_hash bytea not null check (length(secret_hash) = 32),
      created_at timestamptz not null default now(),
      revoked_at timestamptz
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table api_keys`.execute(db);
}
