import type { Database } from '@runfleet/shared/db/database.ts';
import { findQueuedAttempt } from '@runfleet/shared/db/find-queued-attempt.ts';
import { attemptPayloadSchema, type Dispatch } from '@runfleet/shared/queue/contract.ts';

/**
 * What to dispatch when a job has failed: its attempt again, if nobody has claimed it. The queue has forgotten the job,
 * and the sweep, which cannot know that, waits ever longer between its dispatches of a task that has been queued for long.
 */
export async function recoverFailed(db: Database, data: unknown): Promise<Dispatch[]> {
  const { taskId, attempt } = attemptPayloadSchema.parse(data);
  const waiting = await findQueuedAttempt(db, taskId, attempt);
  return waiting === null ? [] : [waiting];
}
