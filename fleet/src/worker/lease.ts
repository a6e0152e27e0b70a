import { judgeLease, type LeaseVerdict } from '@runfleet/shared/decide/lease.ts';
import { heartbeatTtlMs, leaseMarginMs, type Timings } from '@runfleet/shared/model/timings.ts';

export interface Lease {
  /** Aborted when the lock can no longer be trusted. */
  readonly signal: AbortSignal;
  release(): void;
}

/**
 * Watches over the locks of the jobs in hand.
 *
 * held ──renewed, heard──▶ held ──not in time──▶ lost      (release from either)
 *
 * A worker that was paused, or cut off from Redis, cannot know whether another has its job by now; so it gives a job up
 * by its own clock, before the lock has run out for anyone else, and before its heartbeat has: without that it is taken
 * for gone, and its attempts are others'.
 */
export class Leases {
  readonly #held = new Map<string, { renewedAtMs: number; timer: NodeJS.Timeout; lost: AbortController }>();
  readonly #lockMs: number;
  readonly #ttlMs: number;
  readonly #marginMs: number;
  /** When the last heartbeat that has arrived was sent; null before the first one. */
  #heardAtMs: number | null = null;

  constructor(timings: Timings) {
    this.#lockMs = timings.leaseMs;
    this.#ttlMs = heartbeatTtlMs(timings);
    this.#marginMs = leaseMarginMs(timings);
  }

  /** @param agoMs since the job was asked for: its lock counts from then */
  hold(jobId: string, agoMs = 0): Lease {
    const before = this.#held.get(jobId);
    if (before !== undefined) {
      // It is handed out again, so whoever had it here has lost its lock.
      clearTimeout(before.timer);
      before.lost.abort();
    }
    const lost = new AbortController();
    const renewedAtMs = performance.now() - agoMs;
    const verdict = this.#judge(renewedAtMs);
    const timer = setTimeout(() => this.#look(jobId), verdict.kind === 'trusted' ? verdict.forMs : 0);
    this.#held.set(jobId, { renewedAtMs, timer, lost });
    return { signal: lost.signal, release: () => this.#release(jobId, lost) };
  }

  /** Redis has renewed these locks when it was asked to at this time, by the monotonic clock; or a little later. */
  renewed(jobIds: readonly string[], sentAtMs: number): void {
    for (const jobId of jobIds) {
      const lease = this.#held.get(jobId);
      if (lease !== undefined) lease.renewedAtMs = Math.max(lease.renewedAtMs, sentAtMs);
    }
  }

  /** A heartbeat that was sent at this time, by the monotonic clock, has arrived. */
  heard(sentAtMs: number): void {
    this.#heardAtMs = Math.max(sentAtMs, this.#heardAtMs ?? sentAtMs);
  }

  #look(jobId: string): void {
    const lease = this.#held.get(jobId);
    if (lease === undefined) return;
    const verdict = this.#judge(lease.renewedAtMs);
    switch (verdict.kind) {
      case 'trusted':
        lease.timer = setTimeout(() => this.#look(jobId), verdict.forMs);
        break;
      case 'lost':
        lease.lost.abort();
        break;
    }
  }

  /** The lock and the heartbeat are both needed, so the one that runs out first decides. */
  #judge(renewedAtMs: number): LeaseVerdict {
    const nowMs = performance.now();
    const marginMs = this.#marginMs;
    const lock = judgeLease(nowMs, { renewedAtMs, lockMs: this.#lockMs, marginMs });
    if (this.#heardAtMs === null || lock.kind === 'lost') return lock;
    const beat = judgeLease(nowMs, { renewedAtMs: this.#heardAtMs, lockMs: this.#ttlMs, marginMs });
    return beat.kind === 'lost' || beat.forMs < lock.forMs ? beat : lock;
  }

  #release(jobId: string, lost: AbortController): void {
    const lease = this.#held.get(jobId);
    if (lease?.lost !== lost) return;
    clearTimeout(lease.timer);
    this.#held.delete(jobId);
  }
}
