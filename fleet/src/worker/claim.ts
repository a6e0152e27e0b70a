import { claimAttempts, type ClaimedAttempt, type Delivery } from '@runfleet/shared/db/claim-attempts.ts';
import type { Database } from '@runfleet/shared/db/database.ts';
import type { Timings } from '@runfleet/shared/model/timings.ts';
import { coalesce } from '../coalesce.ts';

const claimsAtOnce = 100;

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
