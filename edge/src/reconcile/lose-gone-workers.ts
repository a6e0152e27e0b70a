import { judgeWorkers, type WorkerSighting } from '@runfleet/shared/decide/worker-liveness.ts';
import type { Database } from '@runfleet/shared/db/database.ts';
import { loseAttempts, type LostAttempt } from '@runfleet/shared/db/lose-attempts.ts';
import { noteLiveness } from '@runfleet/shared/db/note-liveness.ts';
import { heartbeatTtlMs, type Timings } from '@runfleet/shared/model/timings.ts';
import type { RedisSight } from './look-at-redis.ts';

export interface GoneWorkers {
  lost: string[];
  suspected: string[];
  attempts: LostAttempt[];
}

/** Notes which workers beat and which are gone, then gives the tasks of those that are gone a new attempt or ends them. */
export async function loseGoneWorkers(
  db: Database,
  workers: readonly Omit<WorkerSighting, 'beatInstance'>[],
  sight: RedisSight,
  timings: Timings,
  limit: number,
): Promise<GoneWorkers> {
  const ttlMs = heartbeatTtlMs(timings);
  const liveness = { secondLookMs: ttlMs, settleMs: ttlMs };
  const sightings = workers.map((worker, index) => ({
    ...worker,
    beatInstance: sight.heartbeats[index]?.instance ?? null,
  }));
  const judged = judgeWorkers(sightings, sight.isNew, liveness).filter(
    ({ verdict }) => verdict !== 'unchanged',
  );
  if (judged.length > 0) await noteLiveness(db, judged);

  const withVerdict = (wanted: string) =>
    judged.filter(({ verdict }) => verdict === wanted).map(({ id }) => id);
  return {
    lost: withVerdict('lost'),
    suspected: withVerdict('suspect'),
    // Asked for even when nobody was lost just now: a run before this one may have stopped at its bound.
    attempts: await loseAttempts(db, { kind: 'of_lost_workers' }, { crash: true, limit }),
  };
}
