import type { PoolStatus } from '@runfleet/shared/model/heartbeat.ts';

/** What a pool holds: something that waits to be used once. */
export interface Poolable {
  /** Settles when it can no longer be used. */
  gone: Promise<unknown>;
  /** Ends it without its having been used. */
  discard(): Promise<void>;
}

const firstBackoffMs = 100;
const maxBackoffMs = 10_000;

/** A child that dies sooner would, if replaced at once, be replaced for ever. */
const shortLifeMs = 1_000;

/**
 * Children that were started ahead, each to be taken once.
 *
 *   starting ──▶ waiting ──take()──▶ the taker's       (then another is started)
 *                   └──it dies──▶ replaced
 *
 * One is started at a time, when nothing else is to be done at that moment. A start that fails is tried again after a
 * pause that doubles.
 */
export class ChildPool<Child extends Poolable> {
  readonly #size: number;
  readonly #start: () => Promise<Child>;
  readonly #waiting: Child[] = [];
  #starting: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #backoffMs = firstBackoffMs;
  #closing: Promise<void> | null = null;
  readonly #counts = { hits: 0, misses: 0, replaced: 0, spawnFailures: 0 };

  constructor(size: number, start: () => Promise<Child>) {
    this.#size = size;
    this.#start = start;
  }

  /** A child that is ready, or null: the taker starts one itself then. */
  take(): Child | null {
    const child = this.#waiting.shift() ?? null;
    if (child === null) this.#counts.misses += 1;
    else {
      this.#counts.hits += 1;
      this.#backoffMs = firstBackoffMs;
    }
    this.fill();
    return child;
  }

  status(): PoolStatus {
    return { waiting: this.#waiting.length, ...this.#counts };
  }

  /** Starts what is missing, off the caller's path. */
  fill(): void {
    if (this.#closing !== null || this.#starting !== null || this.#retry !== null) return;
    if (this.#waiting.length >= this.#size) return;
    this.#starting = this.#startOne().finally(() => {
      this.#starting = null;
      this.fill();
    });
  }

  /** Ends those that wait, and the one that is being started. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#closeOnce();
    return this.#closing;
  }

  async #closeOnce(): Promise<void> {
    if (this.#retry !== null) clearTimeout(this.#retry);
    // Those that are ready go at once, in this turn: whoever closes may be about to exit.
    const discarded = Promise.all(this.#waiting.splice(0).map((child) => child.discard()));
    await this.#starting;
    await discarded;
    await Promise.all(this.#waiting.splice(0).map((child) => child.discard()));
  }

  async #startOne(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#closing !== null) return;
    try {
      const child = await this.#start();
      const readyAtMs = performance.now();
      this.#waiting.push(child);
      void child.gone.then(() => this.#forget(child, performance.now() - readyAtMs));
    } catch {
      this.#counts.spawnFailures += 1;
      this.#pause();
    }
  }

  /** Until the next start is tried; twice as long each time, until a child has lived. */
  #pause(): void {
    if (this.#closing !== null || this.#retry !== null) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.fill();
    }, this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, maxBackoffMs);
  }

  #forget(child: Child, livedMs: number): void {
    const at = this.#waiting.indexOf(child);
    if (at < 0 || this.#closing !== null) return;
    this.#waiting.splice(at, 1);
    this.#counts.replaced += 1;
    void child.discard();
    if (livedMs < shortLifeMs) this.#pause();
    else this.fill();
  }
}
