import { sql } from 'kysely';
import type { Database } from './database.ts';

/** Resolves when Postgres answers and has Runfleet's tables. */
export async function ping(db: Database): Promise<void> {
  await sql`select from tasks limit 0`.execute(db);
}
