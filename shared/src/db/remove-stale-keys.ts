import { sql } from 'kysely';
import { idempotencyKeyLifeMs } from '../model/limits.ts';
import type { Database } from './database.ts';

/**
 * Removes idempotency keys that are past their life, oldest first; a submission takes them for absent already. Rows that
 * are locked stay where they are, so their places name them, and a batch is never joined with all that there are.
 *
 * @returns how many
 */
export async function removeStaleKeys(db: Database, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from idempotency_keys where ctid = any(array(
      select ctid from idempotency_keys
      where created_at <= now() - ${idempotencyKeyLifeMs}::float8 * interval '1 ms'
      order by created_at
      limit ${limit}
      for update skip locked
    ))`.execute(db);
  return Number(numAffectedRows ?? 0);
}
