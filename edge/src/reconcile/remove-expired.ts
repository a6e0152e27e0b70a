import type { Database } from '@runfleet/shared/db/database.ts';
import { removeEndedTasks } from '@runfleet/shared/db/remove-ended-tasks.ts';
import { removeGoneWorkers } from '@runfleet/shared/db/remove-gone-workers.ts';
import type { Settings } from '../bindings.ts';

/** Removes what is past its retention. */
export async function removeExpired(
  db: Database,
  { retentionMs, workerRetentionMs }: Settings,
  limit: number,
): Promise<{ tasks: number; workers: number }> {
  return {
    tasks: await removeEndedTasks(db, retentionMs, limit),
    workers: await removeGoneWorkers(db, workerRetentionMs, limit),
  };
}
