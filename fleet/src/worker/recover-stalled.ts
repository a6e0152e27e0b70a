import type { Database } from '@runfleet/shared/db/database.ts';
import { findAttemptHolder } from '@runfleet/shared/db/find-attempt-holder.ts';
import { loseAttempts } from '@runfleet/shared/db/lose-attempts.ts';
import { attemptPayloadSchema, heartbeatKey, type Dispatch } from '@runfleet/shared/queue/contract.ts';
import type { Redis } from 'ioredis';
import { recoverFailed } from './recover-failed.ts';

/**
 * Gives the attempt of an abandoned job up, as the reconciler would, but without waiting for it. Whether that counts as
 * a crash depends on whether the worker that held it still beats: one that was only cut off from Redis did not crash.
 *
 * @returns what to dispatch
 */
export async function recoverStalled(db: Database, redis: Redis, data: unknown): Promise<Dispatch[]> {
  const { taskId, attempt } = attemptPayloadSchema.parse(data);
  const holder = await findAttemptHolder(db, taskId, attempt);
  // Its worker may have died before it claimed.
  if (holder === null) return recoverFailed(db, data);
  const crash = (await redis.exists(heartbeatKey(holder))) === 0;
  const lost = await loseAttempts(db, { kind: 'attempt', taskId, attempt }, { crash, limit: 1 });
  return lost.filter(({ status }) => status === 'queued');
}
