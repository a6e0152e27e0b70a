import { sql } from 'kysely';
import type { Database } from './database.ts';

/** Revokes a key for good. False when there is none with this id; true also when it was revoked before. */
export async function revokeApiKey(db: Database, id: string): Promise<boolean> {
  const row = await db
    .updateTable('apiKeys')
    .set({ revokedAt: sql`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
