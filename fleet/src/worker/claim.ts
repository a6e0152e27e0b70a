import { claimAttempts, type ClaimedAttempt, type Delivery } from '@runfleet/shared/db/claim-attempts.ts';
import { holdsWorkerId } from '@runfleet/shared/db/holds-worker-id.ts';
import type { Database } from '@runfleet/shared/db/database.ts';
import type { Timings } from '@runfleet/shared/model/timings.ts';
import { coalesce } from '../coalesce.ts';

const claimsAtOnce = 100;

/** Another process has this worker's id, and this one can claim nothing any more. */
export class ReplacedError extends Error {
  override name = 'ReplacedError';
}

/** Null when the attempt is no longer to be had. Throws a ReplacedError when nothing is. */
export type Claim = (delivery: Delivery) => Promise<ClaimedAttempt | null>;

/** Claims for one worker process; claims that come while a statement is under way share the next one. */
export function createClaim(
  db: Database,
  worker: { id: string; instance: string },
  timings?: Timings,
): Claim {
  return coalesce(async (deliveries: Delivery[]) => {
    const claimed = new Map(
      (await claimAttempts(db, worker, deliveries, timings)).map((attempt) => [fenceOf(attempt), attempt]),
    );
    // A job that is not claimed is dropped for good, so a worker must not mistake its own state for the task's.
    if (claimed.size === 0 && !(await holdsWorkerId(db, worker))) {
      throw new ReplacedError(`another process has the worker id "${worker.id}"`);
    }
    return deliveries.map((delivery) => {
      const fence = fenceOf(delivery);
      const attempt = claimed.get(fence) ?? null;
      // Should the same delivery stand here twice, only one of the two may run.
      claimed.delete(fence);
      return attempt;
    });
  }, claimsAtOnce);
}

function fenceOf({ taskId, attempt, delivery }: Delivery): string {
  return `${taskId} ${attempt} ${delivery}`;
}
