export type LeaseVerdict = { kind: 'trusted'; forMs: number } | { kind: 'lost' };

/**
 * Decides whether a worker may go on with a job. It trusts its lock only up to the last renewal that it knows of, plus
 * the lock's time, less a margin in which to end the child before anyone else may start it. All times are of the
 * worker's own monotonic clock.
 */
export function judgeLease(
  nowMs: number,
  lease: { renewedAtMs: number; lockMs: number; marginMs: number },
): LeaseVerdict {
  const forMs = lease.renewedAtMs + lease.lockMs - lease.marginMs - nowMs;
  return forMs > 0 ? { kind: 'trusted', forMs } : { kind: 'lost' };
}
