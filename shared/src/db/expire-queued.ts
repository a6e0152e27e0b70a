import { sql } from 'kysely';
import type { Database } from './database.ts';

/**
 * Ends tasks that have never been started and are not to be any more, longest expired first. One that is tried again has
 * been started, so its first attempt is all that can expire.
 *
 * @returns how many
 */
export async function expireQueued(db: Database, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    with due as (
      select id from tasks
      where status = 'queued' and attempt = 1 and expires_at <= now()
      order by expires_at
      limit ${limit}
      for update skip locked
    )
    update tasks t
    set status = 'expired', reason = 'expired', dispatch_due = null, ended_at = now()
    from due
    where t.id = due.id`.execute(db);
  return Number(numAffectedRows ?? 0);
}
