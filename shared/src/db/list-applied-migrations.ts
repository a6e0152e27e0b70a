import { sql } from 'kysely';
import type { Database } from './database.ts';

/** The names of the migrations that a database has had, oldest first. Kysely's table is there after the first one. */
export async function listAppliedMigrations(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}
