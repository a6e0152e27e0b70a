import { sql } from 'kysely';
import type { Database } from './database.ts';

/**
 * Makes queued attempts due for dispatch at once, because the queue that held their jobs is gone.
 *
 * @returns how many
 */
export async function makeQueuedDue(db: Database, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    with waiting as (
      select id from tasks
      where status = 'queued' and dispatch_due > now()
      order by dispatch_due
      limit ${limit}
      for update skip locked
    )
    update tasks t set dispatch_due = now() from waiting where t.id = waiting.id`.execute(db);
  return Number(numAffectedRows ?? 0);
}
