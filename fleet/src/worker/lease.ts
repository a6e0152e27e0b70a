import { judgeLease } from '@runfleet/shared/decide/lease.ts';
import { leaseMarginMs, type Timings } from '@runfleet/shared/model/timings.ts';

export interface Lease {
  /** Aborted when the lock can no longer be trusted. */
  readonly signal: AbortSignal;
  release(): void;
}

/**
 * Watches over the locks of the jobs in hand.
 *
 * held ──renewed──▶ held ──no renewal known in time──▶ lost      (release from either)
 *
 * A worker that was paused, or cut off from Redis, cannot know whether another has its job by now; so it gives a job up
 * by its own clock, before the lock has run out for anyone else.
 */
export class Leases {
  readonly #held = new Map<string, { renewedAtMs: number; timer: NodeJS.Timeout; lost: AbortController }>();
  readonly #lockMs: number;
  readonly #marginMs: number;

  constructor(timings: Timings) {
    this.#lockMs = timings.leaseMs;
    this.#marginMs = leaseMarginMs(timings);
  }

  hold(jobId: string): Lease {
    const before = this.#held.get(jobId);
    if (before !== undefined) {
      // It is handed out again, so whoever had it here has lost its lock.
      clearTimeout(before.timer);
      before.lost.abort();
    }
    const lost = new AbortController();
    this.#held.set(jobId, {
      renewedAtMs: performance.now(),
      timer: this.#watch(jobId, this.#lockMs - this.#marginMs),
      lost,
    });
    return { signal: lost.signal, release: () => this.#release(jobId, lost) };
  }

  /** Redis has confirmed these locks just now. */
  renewed(jobIds: readonly string[]): void {
    for (const jobId of jobIds) {
      const lease = this.#held.get(jobId);
      if (lease !== undefined) lease.renewedAtMs = performance.now();
    }
  }

  #watch(jobId: string, forMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(jobId), forMs);
  }

  #look(jobId: string): void {
    const lease = this.#held.get(jobId);
    if (lease === undefined) return;
    const verdict = judgeLease(performance.now(), {
      renewedAtMs: lease.renewedAtMs,
      lockMs: this.#lockMs,
      marginMs: this.#marginMs,
    });
    switch (verdict.kind) {
      case 'trusted':
        lease.timer = this.#watch(jobId, verdict.forMs);
        break;
      case 'lost':
        lease.lost.abort();
        break;
    }
  }

  #release(jobId: string, lost: AbortController): void {
    const lease = this.#held.get(jobId);
    if (lease?.lost !== lost) return;
    clearTimeout(lease.timer);
    this.#held.delete(jobId);
  }
}
