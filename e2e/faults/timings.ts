import { heartbeatTtlMs, timingsSchema } from '@runfleet/shared/model/timings.ts';

/** What the campaign sets as TIMINGS and RUNFLEET_TIMINGS: everything happens ten times sooner than by default. */
export const timingsSetting = {
  heartbeatSeconds: 1,
  leaseSeconds: 4,
  dispatchDelaySeconds: 1.5,
  deadlineGraceSeconds: 4,
  backlogPatienceSeconds: 10,
};

export const timings = timingsSchema.parse(timingsSetting);
export const ttlMs = heartbeatTtlMs(timings);

/** How often the cron fires; on Cloudflare it is a minute. */
export const tickMs = 1_000;

/** Every task of the load gets this; none needs a third of it on a machine that has time. */
export const taskTimeoutSeconds = 10;

/**
 * How long a task may take beyond the faults that met it. In the worst case an outcome is lost at the very end of a
 * fault: the attempt is overdue after its timeout, the grace and the patience; then it waits for the cron, for its
 * dispatch, and in the queue; then it runs again. The rest is for a machine that has other things to do.
 */
export const recoveryBoundMs =
  taskTimeoutSeconds * 1000 +
  timings.deadlineGraceMs +
  timings.backlogPatienceMs +
  tickMs +
  2 * timings.dispatchDelayMs +
  15_000;
