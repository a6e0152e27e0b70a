import { overduePatienceMs } from '@runfleet/shared/decide/overdue.ts';
import type { Database } from '@runfleet/shared/db/database.ts';
import { loseAttempts, type LostAttempt } from '@runfleet/shared/db/lose-attempts.ts';
import type { Timings } from '@runfleet/shared/model/timings.ts';
import type { RedisSight } from './look-at-redis.ts';

/**
 * Gives up attempts that are past their deadline though their worker is alive: it ended them long ago, so their outcome
 * was lost on its way. They get a new attempt, or end their task when they have had enough.
 */
export async function loseOverdue(
  db: Database,
  sight: RedisSight,
  timings: Timings,
  limit: number,
): Promise<LostAttempt[]> {
  const patienceMs = overduePatienceMs(sight.resultsBacklog, timings);
  return loseAttempts(db, { kind: 'overdue', patienceMs }, { crash: false, limit });
}
