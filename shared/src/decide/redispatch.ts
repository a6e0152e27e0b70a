import type { Timings } from '../model/timings.ts';

/**
 * How long after a dispatch an attempt that nobody has claimed is dispatched again.
 *
 * Each wait is as long as the task has been queued, so a long queue is not enqueued over and over (its jobs are still
 * there, and the second enqueue does nothing), while a fresh task whose enqueue failed waits only seconds.
 * `shared/db/take-due-dispatches.ts` applies it to many rows at once.
 */
export function redispatchDelayMs(queuedForMs: number, { minMs, maxMs }: RedispatchBounds): number {
  return Math.min(Math.max(queuedForMs, minMs), maxMs);
}

export interface RedispatchBounds {
  minMs: number;
  maxMs: number;
}

/** By default 5 seconds to 5 minutes. */
export function redispatchBounds({ dispatchDelayMs }: Timings): RedispatchBounds {
  return { minMs: dispatchDelayMs, maxMs: 60 * dispatchDelayMs };
}
