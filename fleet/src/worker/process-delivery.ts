import type { ClaimedAttempt } from '@runfleet/shared/db/claim-attempts.ts';
import { effectiveLimits, type LimitPolicy } from '@runfleet/shared/decide/effective-limits.ts';
import { noInput } from '@runfleet/shared/model/task-input.ts';
import { attemptPayloadSchema, type ResultPayload } from '@runfleet/shared/queue/contract.ts';
import type { AttemptProgram, Executor } from '../executor/index.ts';
import type { Logger } from '../log.ts';
import { retryWhile } from '../retry-while.ts';
import type { Claim } from './claim.ts';
import type { Counters } from './counters.ts';
import type { Leases } from './lease.ts';

/** What a worker needs for one delivery. */
export interface DeliveryContext {
  workerId: string;
  claim: Claim;
  executor: Executor;
  /** What attempts are given, and at most. */
  limits: LimitPolicy;
  /** Puts an outcome on the results queue. */
  push: (result: ResultPayload) => Promise<void>;
  leases: Leases;
  counters: Counters;
  /** Aborted when the worker stops: nothing new is begun, and nothing is waited for beyond the running tasks. */
  draining: AbortSignal;
  /** Aborted when the drain has taken its time: an outcome that cannot be pushed is given up then. */
  abandoned: AbortSignal;
  logger: Logger;
}

/** The part of a BullMQ job that counts here. */
export interface DeliveredJob {
  id?: string | undefined;
  data: unknown;
  attemptsStarted: number;
}

/**
 * One delivery: claim its attempt, run it, push its outcome. A claim that finds the attempt gone drops the job, which
 * is no fault. Throws when the job must be seen again: the queue forgets it, and the sweep dispatches its attempt anew.
 */
export async function processDelivery(job: DeliveredJob, context: DeliveryContext): Promise<void> {
  const { workerId, executor, leases, counters } = context;
  const delivery = { ...attemptPayloadSchema.parse(job.data), delivery: job.attemptsStarted };
  const logger = context.logger.child(delivery);
  const lease = leases.hold(job.id ?? '');
  try {
    const attempt = await retryWhile(
      () => !lease.signal.aborted && !context.draining.aborted,
      () => context.claim(delivery),
      (error) => logger.warn({ event: 'claim_failed', error }),
    );
    if (attempt === null) {
      counters.dropped();
      logger.info({ event: 'delivery_dropped' });
      return;
    }
    counters.claimed(delivery.taskId);
    logger.info({ event: 'attempt_claimed' });

    const running = executor.run(toProgram(attempt, context.limits));
    const giveUp = () => {
      logger.warn({ event: 'lease_lost' });
      running.stop('lease_lost');
    };
    lease.signal.addEventListener('abort', giveUp, { once: true });
    // A lease that was lost while the claim was under way has told nobody yet.
    if (lease.signal.aborted) giveUp();

    const outcome = await running.outcome;
    lease.signal.removeEventListener('abort', giveUp);
    counters.ended(delivery.taskId, outcome);
    logger.info({
      event: 'attempt_ended',
      ...(outcome.kind === 'ended' ? { reason: outcome.reason } : { givenBack: outcome.cause }),
      durationMs: Math.round(outcome.durationMs),
    });
    await retryWhile(
      () => !context.abandoned.aborted,
      () => context.push({ ...delivery, workerId, outcome }),
      (error) => logger.warn({ event: 'push_failed', error }),
    );
  } finally {
    lease.release();
  }
}

function toProgram(
  { taskId, attempt, code, timeoutMs, input, limits }: ClaimedAttempt,
  policy: LimitPolicy,
): AttemptProgram {
  return {
    taskId,
    attempt,
    code,
    timeoutMs,
    input: input ?? noInput,
    limits: effectiveLimits(limits, timeoutMs, policy),
  };
}
