import type { Database } from '@runfleet/shared/db/database.ts';
import { takeDueDispatches } from '@runfleet/shared/db/take-due-dispatches.ts';
import type { Timings } from '@runfleet/shared/model/timings.ts';
import type { Redis } from '@upstash/redis';
import { dispatchAll } from '../queue/dispatch.ts';

/** A pipeline of this many jobs is about 100 KB. */
const batchSize = 100;

/**
 * Puts on the queue what should be there: attempts whose enqueue failed, whose jobs were lost with Redis, or that were
 * minted by a sweep. Batches, so that a failure leaves the rest for the next run.
 *
 * @returns how many were dispatched
 */
export async function dispatchDue(
  db: Database,
  redis: Redis,
  timings: Timings,
  limit: number,
): Promise<number> {
  let dispatched = 0;
  while (dispatched < limit) {
    const due = await takeDueDispatches(db, Math.min(batchSize, limit - dispatched), timings);
    await dispatchAll(redis, due);
    dispatched += due.length;
    if (due.length < batchSize) break;
  }
  return dispatched;
}
