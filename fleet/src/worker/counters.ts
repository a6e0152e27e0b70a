import type { Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import type { Outcome } from '@runfleet/shared/model/outcome.ts';

/** What this worker process has done since it started, and what it has in hand. */
export class Counters {
  readonly #startedAtMs = performance.now();
  readonly #running = new Map<string, number>();
  #claimed = 0;
  #completed = 0;
  #failed = 0;
  #givenBack = 0;
  #dropped = 0;
  #busyMs = 0;

  claimed(taskId: string): void {
    this.#claimed += 1;
    this.#running.set(taskId, performance.now());
  }

  dropped(): void {
    this.#dropped += 1;
  }

  ended(taskId: string, outcome: Outcome): void {
    this.#running.delete(taskId);
    this.#busyMs += outcome.durationMs;
    if (outcome.kind === 'given_back') this.#givenBack += 1;
    else if (outcome.reason === 'ok') this.#completed += 1;
    else this.#failed += 1;
  }

  get running(): string[] {
    return [...this.#running.keys()];
  }

  read(): Heartbeat['counters'] {
    const nowMs = performance.now();
    const runningMs = [...this.#running.values()].reduce((sum, sinceMs) => sum + (nowMs - sinceMs), 0);
    return {
      claimed: this.#claimed,
      completed: this.#completed,
      failed: this.#failed,
      givenBack: this.#givenBack,
      dropped: this.#dropped,
      busyMs: Math.round(this.#busyMs + runningMs),
      upMs: Math.round(nowMs - this.#startedAtMs),
    };
  }
}
