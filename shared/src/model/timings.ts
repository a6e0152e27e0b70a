import { z } from 'zod';

/**
 * How long the parts wait for one another. Edge and fleet must be given the same: `TIMINGS` of the edge and
 * `RUNFLEET_TIMINGS` of the fleet take the same JSON. Shorter times find a fault sooner and cost more requests.
 */
export interface Timings {
  /** A worker beats this often. */
  heartbeatMs: number;
  /** A worker, or a recorder, holds a job this long without a sign of life; it renews when half of this has passed. */
  leaseMs: number;
  /**
   * A freshly submitted task is enqueued by its request; when nobody has claimed it by then, the sweep dispatches it.
   * Also the shortest wait between two dispatches of an attempt.
   */
  dispatchDelayMs: number;
  /** Beyond its timeout, an attempt may take this long to start its child and to have its outcome recorded. */
  deadlineGraceMs: number;
  /** While outcomes wait to be recorded, attempts past their deadline are given this much more. */
  backlogPatienceMs: number;
}

export const defaultTimings: Timings = {
  heartbeatMs: 10_000,
  leaseMs: 30_000,
  dispatchDelayMs: 5_000,
  deadlineGraceMs: 30_000,
  backlogPatienceMs: 600_000,
};

/** A worker that has not been heard of for this long is taken for gone: three beats. */
export function heartbeatTtlMs({ heartbeatMs }: Timings): number {
  return 3 * heartbeatMs;
}

/** Before its lease is over, a worker that could not renew it ends what it runs: it may take that long to do so. */
export function leaseMarginMs({ leaseMs }: Timings): number {
  return leaseMs / 10;
}

const seconds = (min: number, max: number, otherwiseMs: number) =>
  z
    .number()
    .min(min)
    .max(max)
    .default(otherwiseMs / 1000)
    .transform((value) => Math.round(value * 1000));

/** Timings as a setting has them: a JSON object with any of them, in seconds. */
export const timingsSchema = z
  .strictObject({
    heartbeatSeconds: seconds(0.2, 300, defaultTimings.heartbeatMs),
    leaseSeconds: seconds(1, 3600, defaultTimings.leaseMs),
    dispatchDelaySeconds: seconds(0.2, 300, defaultTimings.dispatchDelayMs),
    deadlineGraceSeconds: seconds(1, 3600, defaultTimings.deadlineGraceMs),
    backlogPatienceSeconds: seconds(1, 86_400, defaultTimings.backlogPatienceMs),
  })
  .transform((given): Timings => ({
    heartbeatMs: given.heartbeatSeconds,
    leaseMs: given.leaseSeconds,
    dispatchDelayMs: given.dispatchDelaySeconds,
    deadlineGraceMs: given.deadlineGraceSeconds,
    backlogPatienceMs: given.backlogPatienceSeconds,
  }));
