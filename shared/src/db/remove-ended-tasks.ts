import { sql } from 'kysely';
import type { Database } from './database.ts';

/**
 * Removes tasks that ended longer ago than `retentionMs`, with their results and attempts, oldest first.
 *
 * @returns how many
 */
export async function removeEndedTasks(db: Database, retentionMs: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from tasks where id in (
      select id from tasks
      where status in ('completed', 'failed', 'cancelled', 'expired')
        and ended_at < now() - ${retentionMs}::float8 * interval '1 ms'
      order by ended_at
      limit ${limit}
      for update skip locked
    )`.execute(db);
  return Number(numAffectedRows ?? 0);
}
