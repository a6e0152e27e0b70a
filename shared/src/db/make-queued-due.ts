import { sql } from 'kysely';
import type { Database } from './database.ts';

/**
 * Makes queued attempts due for dispatch at once, because the queue that held their jobs is gone. One that is delayed is
 * due when its delay is over: `queued_at` is when it may be run.
 *
 * @returns how many
 */
export async function makeQueuedDue(db: Database, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    with waiting as (
      select id from tasks
      where status = 'queued' and dispatch_due > now() and dispatch_due > queued_at
      order by dispatch_due
      limit ${limit}
      for update skip locked
    )
    update tasks t set dispatch_due = greatest(now(), queued_at) from waiting where t.id = waiting.id`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0);
}
