import { sql } from 'kysely';
import { redispatchBounds } from '../decide/redispatch.ts';
import { defaultTimings } from '../model/timings.ts';
import type { Dispatch } from '../queue/contract.ts';
import type { Database } from './database.ts';

/**
 * Takes the queued attempts that are due for dispatch, oldest due first, and makes each due again after a wait as in
 * `decide/redispatch.ts`. Two sweeps at once take different rows. What has expired is not dispatched any more.
 *
 * @returns what to put on the queues; if that fails, they come due again
 */
export async function takeDueDispatches(
  db: Database,
  limit: number,
  timings = defaultTimings,
): Promise<Dispatch[]> {
  const { minMs, maxMs } = redispatchBounds(timings);
  const { rows } = await sql<Dispatch>`
    with due as (
      select id from tasks
      where status = 'queued' and dispatch_due <= now()
        and (attempt > 1 or expires_at is null or expires_at > now())
      order by dispatch_due
      limit ${limit}
      for update skip locked
    )
    update tasks t
    set dispatch_due = now() + least(
      greatest(now() - t.queued_at, ${minMs}::int * interval '1 ms'),
      ${maxMs}::int * interval '1 ms'
    )
    from due
    where t.id = due.id
    returning t.id as task_id, t.attempt, t.type`.execute(db);
  return rows;
}
