import type { Database } from '@runfleet/shared/db/database.ts';
import { listWorkerSightings } from '@runfleet/shared/db/list-worker-sightings.ts';
import type { LostAttempt } from '@runfleet/shared/db/lose-attempts.ts';
import { makeQueuedDue } from '@runfleet/shared/db/make-queued-due.ts';
import type { Redis } from '@upstash/redis';
import type { Settings } from '../bindings.ts';
import { describeError } from '../log.ts';
import { dispatchDue } from './dispatch-due.ts';
import { expireQueued } from './expire-queued.ts';
import { inBatches, type BatchBounds } from './in-batches.ts';
import { lookAtRedis, markRedisAsKnown } from './look-at-redis.ts';
import { loseGoneWorkers } from './lose-gone-workers.ts';
import { loseOverdue } from './lose-overdue.ts';
import { removeExpired } from './remove-expired.ts';

/*
 * Bounds, so that a run ends within its minute and within the requests that a run may send; what is over is the next
 * one's.
 */

/** Attempts that are lost by one rule. */
const limit = 1_000;

/** Attempts that are dispatched: more than a fleet of ten machines starts in a minute of short tasks. */
const dispatchLimit = 5_000;

/** Rows that only Postgres is asked for. 20,000 a minute is 333 a second, for as long as it takes. */
const bounds: BatchBounds = { batchSize: 1_000, batches: 20, budgetMs: 15_000 };

/** What one run found and did; its line in the log. */
export interface ReconcileSummary {
  expired: number;
  redisWasNew: boolean;
  resultsBacklog: number;
  workersLost: string[];
  workersSuspected: string[];
  retried: number;
  failed: { taskId: string; reason: string | null }[];
  dispatched: number;
  tasksRemoved: number;
  keysRemoved: number;
  workersRemoved: number;
  /** Rules that could not be carried out, and why. The others were. */
  errors: { rule: string; error: unknown }[];
}

/**
 * Finds what has fallen between two steps and puts it back. Each rule is one statement that takes only rows that no
 * other run holds, so two runs at once share the work. Without Redis nothing can be said of workers or overdue
 * outcomes, so only expiry and retention run then.
 */
export async function reconcile(db: Database, redis: Redis, settings: Settings): Promise<ReconcileSummary> {
  const { timings } = settings;
  const summary: ReconcileSummary = {
    expired: 0,
    redisWasNew: false,
    resultsBacklog: 0,
    workersLost: [],
    workersSuspected: [],
    retried: 0,
    failed: [],
    dispatched: 0,
    tasksRemoved: 0,
    keysRemoved: 0,
    workersRemoved: 0,
    errors: [],
  };
  const attempt = async <T>(rule: string, carryOut: () => Promise<T>): Promise<T | null> => {
    try {
      return await carryOut();
    } catch (error) {
      summary.errors.push({ rule, error: describeError(error) });
      return null;
    }
  };
  const noteLost = (lost: LostAttempt[]) => {
    for (const { status, taskId, reason } of lost) {
      if (status === 'queued') summary.retried += 1;
      else summary.failed.push({ taskId, reason });
    }
  };

  // First, so that what has expired is neither made due nor dispatched.
  summary.expired = (await attempt('expire-queued', () => expireQueued(db, bounds))) ?? 0;

  const workers = await attempt('look-at-workers', () => listWorkerSightings(db));
  const sight =
    workers &&
    (await attempt('look-at-redis', () =>
      lookAtRedis(
        redis,
        workers.map(({ id }) => id),
      ),
    ));
  if (workers && sight) {
    summary.redisWasNew = sight.isNew;
    summary.resultsBacklog = sight.resultsBacklog;

    const gone = await attempt('lose-gone-workers', () =>
      loseGoneWorkers(db, workers, sight, timings, limit),
    );
    summary.workersLost = gone?.lost ?? [];
    summary.workersSuspected = gone?.suspected ?? [];
    noteLost(gone?.attempts ?? []);

    noteLost((await attempt('lose-overdue', () => loseOverdue(db, sight, timings, limit))) ?? []);

    if (sight.isNew)
      await attempt('make-queued-due', () => inBatches(bounds, (batch) => makeQueuedDue(db, batch)));
    summary.dispatched =
      (await attempt('dispatch-due', () => dispatchDue(db, redis, timings, dispatchLimit))) ?? 0;
    // Last, so that a run that was cut short leaves the next one to see that Redis was wiped.
    if (sight.isNew && summary.errors.length === 0)
      await attempt('mark-redis', () => markRedisAsKnown(redis));
  }

  const removed = await attempt('remove-expired', () => removeExpired(db, settings, bounds));
  summary.tasksRemoved = removed?.tasks ?? 0;
  summary.keysRemoved = removed?.keys ?? 0;
  summary.workersRemoved = removed?.workers ?? 0;
  return summary;
}
