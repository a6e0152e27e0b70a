import { sql } from 'kysely';
import type { Database } from './database.ts';

/**
 * Removes workers that stopped or were lost longer ago than `retentionMs`, with their totals.
 *
 * @returns how many
 */
export async function removeGoneWorkers(db: Database, retentionMs: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from workers where id in (
      select id from workers
      where status <> 'live' and ended_at < now() - ${retentionMs}::float8 * interval '1 ms'
      order by ended_at
      limit ${limit}
      for update skip locked
    )`.execute(db);
  return Number(numAffectedRows ?? 0);
}
