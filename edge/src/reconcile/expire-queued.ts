import type { Database } from '@runfleet/shared/db/database.ts';
import { expireQueued as endExpired } from '@runfleet/shared/db/expire-queued.ts';
import { inBatches, type BatchBounds } from './in-batches.ts';

/** Ends tasks that were not started in time. The claim refuses them already, so this only says so. */
export function expireQueued(db: Database, bounds: BatchBounds): Promise<number> {
  return inBatches(bounds, (limit) => endExpired(db, limit));
}
