/**
 * How long after a dispatch an attempt that nobody has claimed is dispatched again.
 *
 * Each wait is as long as the task has been queued, so a long queue is not enqueued over and over (its jobs are still
 * there, and the second enqueue does nothing), while a fresh task whose enqueue failed waits only seconds.
 * `shared/db/take-due-dispatches.ts` applies it to many rows at once.
 */
export const redispatchMinMs = 5_000;
export const redispatchMaxMs = 300_000;

export function redispatchDelayMs(queuedForMs: number): number {
  return Math.min(Math.max(queuedForMs, redispatchMinMs), redispatchMaxMs);
}
