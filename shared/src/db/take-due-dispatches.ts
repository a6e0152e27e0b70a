import { sql } from 'kysely';
import { redispatchMaxMs, redispatchMinMs } from '../decide/redispatch.ts';
import type { Dispatch } from '../queue/contract.ts';
import type { Database } from './database.ts';

/**
 * Takes the queued attempts that are due for dispatch, oldest due first, and makes each due again after a wait as in
 * `decide/redispatch.ts`. Two sweeps at once take different rows.
 *
 * @returns what to put on the queues; if that fails, they come due again
 */
export async function takeDueDispatches(db: Database, limit: number): Promise<Dispatch[]> {
  const { rows } = await sql<Dispatch>`
    with due as (
      select id from tasks
      where status = 'queued' and dispatch_due <= now()
      order by dispatch_due
      limit ${limit}
      for update skip locked
    )
    update tasks t
    set dispatch_due = now() + least(
      greatest(now() - t.created_at, ${redispatchMinMs}::int * interval '1 ms'),
      ${redispatchMaxMs}::int * interval '1 ms'
    )
    from due
    where t.id = due.id
    returning t.id as task_id, t.attempt, t.type`.execute(db);
  return rows;
}
