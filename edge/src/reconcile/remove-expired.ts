import type { Database } from '@runfleet/shared/db/database.ts';
import { removeEndedTasks } from '@runfleet/shared/db/remove-ended-tasks.ts';
import { removeGoneWorkers } from '@runfleet/shared/db/remove-gone-workers.ts';
import { removeStaleKeys } from '@runfleet/shared/db/remove-stale-keys.ts';
import type { Settings } from '../bindings.ts';
import { inBatches, type BatchBounds } from './in-batches.ts';

/** Removes what is past its retention. */
export async function removeExpired(
  db: Database,
  { retentionMs, workerRetentionMs }: Settings,
  bounds: BatchBounds,
): Promise<{ tasks: number; keys: number; workers: number }> {
  return {
    tasks: await inBatches(bounds, (limit) => removeEndedTasks(db, retentionMs, limit)),
    keys: await inBatches(bounds, (limit) => removeStaleKeys(db, limit)),
    workers: await removeGoneWorkers(db, workerRetentionMs, bounds.batchSize),
  };
}
