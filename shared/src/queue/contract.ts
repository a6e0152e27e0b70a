import { z } from 'zod';
import { outcomeSchema } from '../model/outcome.ts';

/**
 * What travels through Redis: queue names, payloads, job options and keys.
 *
 * A job carries ids only. The code stays in Postgres, so a job that is delivered twice, or that was put on the queue
 * twice, can do no harm: the claim decides.
 */

/** Prefix of every key that BullMQ writes. */
export const queuePrefix = 'runfleet';

/** The tasks queue of one kind of worker. */
export function tasksQueueName(type: string): string {
  return `tasks-${type}`;
}

export const resultsQueueName = 'results';

/** Kinds of worker are configured; this is the form that a name must have to be part of a queue's name. */
export const workerTypePattern = /^[a-z][a-z0-9-]{0,31}$/;

/** Worker ids become parts of Redis keys and of systemd instance names. */
export const workerIdPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

export const attemptPayloadSchema = z.strictObject({
  taskId: z.uuid(),
  attempt: z.int().positive(),
});
export type AttemptPayload = z.infer<typeof attemptPayloadSchema>;

export const attemptJobName = 'attempt';

/** An attempt that waits to be put on its type's queue. */
export interface Dispatch extends AttemptPayload {
  type: string;
  /** Nobody is handed it before this much time has passed; 0 when left out. */
  delayMs?: number;
}

/**
 * The job of an attempt.
 *
 * The id makes a second dispatch of the same attempt a no-op while the job is known. A completed job is remembered for
 * an hour, so that a late duplicate does not run twice; a failed one is forgotten at once, so that the sweep can
 * dispatch its attempt again.
 */
export function attemptJob({ taskId, attempt, delayMs = 0 }: AttemptPayload & { delayMs?: number }) {
  return {
    name: attemptJobName,
    data: { taskId, attempt } satisfies AttemptPayload,
    opts: {
      jobId: `t-${taskId}-${attempt}`,
      attempts: 1,
      removeOnComplete: { age: 3600, count: 100_000 },
      removeOnFail: true,
      ...(delayMs > 0 ? { delay: delayMs } : {}),
    },
  };
}

export const resultPayloadSchema = z.strictObject({
  taskId: z.uuid(),
  attempt: z.int().positive(),
  delivery: z.int().positive(),
  workerId: z.string().regex(workerIdPattern),
  outcome: outcomeSchema,
});
/** An outcome, with the fence of the attempt that it belongs to. */
export type ResultPayload = z.infer<typeof resultPayloadSchema>;

export const resultJobName = 'outcome';

/** The job of an outcome. It is gone once recorded; one that cannot be recorded stays in the failed set to be looked at. */
export function resultJob(payload: ResultPayload) {
  return {
    name: resultJobName,
    data: payload,
    opts: {
      jobId: `r-${payload.taskId}-${payload.attempt}-${payload.delivery}`,
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: { age: 7 * 24 * 3600, count: 10_000 },
    },
  };
}

export function heartbeatKey(workerId: string): string {
  return `worker:${workerId}:heartbeat`;
}

/** Written by the first reconcile that sees a Redis; its absence says that Redis is new, or was wiped. */
export const redisEpochKey = `${queuePrefix}:epoch`;
