import type { ClaimedAttempt, Delivery } from '@runfleet/shared/db/claim-attempts.ts';
import { effectiveLimits, type LimitPolicy } from '@runfleet/shared/decide/effective-limits.ts';
import { crashLimit } from '@runfleet/shared/model/limits.ts';
import type { Outcome } from '@runfleet/shared/model/outcome.ts';
import { noInput } from '@runfleet/shared/model/task-input.ts';
import { attemptPayloadSchema, type ResultPayload } from '@runfleet/shared/queue/contract.ts';
import type { AttemptProgram, Executor } from '../executor/index.ts';
import type { Logger } from '../log.ts';
import { retryWhile } from '../retry-while.ts';
import { ReplacedError, type Claim } from './claim.ts';
import type { Company } from './company.ts';
import type { Counters } from './counters.ts';
import type { Lease, Leases } from './lease.ts';

/** What a worker needs for one delivery. */
export interface DeliveryContext {
  workerId: string;
  claim: Claim;
  /** How often a task has taken its worker down. */
  readCrashes: (taskId: string) => Promise<number>;
  company: Company;
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
  /** When it was asked for, by this process' own wall clock, in milliseconds since 1970. */
  processedOn?: number | undefined;
}

/**
 * One delivery: claim its attempt, run it, push its outcome. A claim that finds the attempt gone drops the job, which
 * is no fault. Throws when the job must be seen again: the queue forgets it, and the sweep dispatches its attempt anew.
 */
export async function processDelivery(job: DeliveredJob, context: DeliveryContext): Promise<void> {
  const { workerId, leases } = context;
  const delivery = { ...attemptPayloadSchema.parse(job.data), delivery: job.attemptsStarted };
  const logger = context.logger.child(delivery);
  const lease = leases.hold(job.id ?? '', sinceMs(job.processedOn));
  try {
    const outcome = await runClaimed(delivery, lease, { ...context, logger });
    if (outcome === null) return;
    await retryWhile(
      () => !context.abandoned.aborted,
      () => context.push({ ...delivery, workerId, outcome }),
      (error) => logger.warn({ event: 'push_failed', error }),
    );
  } finally {
    lease.release();
  }
}

/** Claims the attempt and runs it; null when there was nothing to claim. */
async function runClaimed(
  delivery: Delivery,
  lease: Lease,
  context: DeliveryContext,
): Promise<Outcome | null> {
  const { executor, counters, company, logger } = context;
  const mayGoOn = (error: unknown) =>
    !(error instanceof ReplacedError) && !lease.signal.aborted && !context.draining.aborted;
  const onRetry = (error: unknown) => logger.warn({ event: 'claim_failed', error });
  const mustBeAlone = await retryWhile(mayGoOn, () => isLastChance(delivery, context), onRetry);
  // Before the claim: from then on its time runs.
  const leave = await company.enter(mustBeAlone, AbortSignal.any([lease.signal, context.draining]));
  try {
    const attempt = await retryWhile(mayGoOn, () => context.claim(delivery), onRetry);
    if (attempt === null) {
      counters.dropped();
      logger.info({ event: 'delivery_dropped' });
      return null;
    }
    counters.claimed(delivery.taskId);
    logger.info({ event: 'attempt_claimed', ...(mustBeAlone ? { alone: true } : {}) });

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
    return outcome;
  } finally {
    leave();
  }
}

/** Whether one more crash makes the task poison. The first attempts, which nearly all are, need not ask. */
async function isLastChance({ taskId, attempt }: Delivery, context: DeliveryContext): Promise<boolean> {
  return attempt >= crashLimit && (await context.readCrashes(taskId)) >= crashLimit - 1;
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

/** How long ago that was. A wall clock that was set back meanwhile says nothing; one that was set forward costs a lease. */
function sinceMs(wallClockMs: number | undefined): number {
  return wallClockMs === undefined ? 0 : Math.max(0, Date.now() - wallClockMs);
}
