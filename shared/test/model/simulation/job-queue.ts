import { timings } from './timings.ts';

/** Virtual time. */
export interface Clock {
  readonly nowMs: number;
  at(atMs: number): Promise<void>;
}

export interface Job<T> {
  id: string;
  data: T;
  /** How often it was handed out: the delivery. */
  started: number;
  /** Who holds its lock. */
  token: string | null;
  lockedUntilMs: number;
  /** It was given up, and only waits for somebody to say so. */
  doomed: boolean;
}

/** What counts of BullMQ: an id is known once, a lock expires, and who takes a job may never come back with it. */
export class JobQueue<T> {
  /** What happens to a job whose lock has run out: BullMQ's `maxStalledCount`, 0 or without end. */
  readonly #onStalled: 'doom' | 'again';
  readonly #rememberMs: number;
  readonly #clock: Clock;
  #jobs = new Map<string, Job<T>>();
  #waiting: string[] = [];
  #active = new Set<string>();
  #maybeStalled = new Set<string>();
  #doneUntilMs = new Map<string, number>();
  #onArrival: (() => void)[] = [];

  constructor(clock: Clock, onStalled: 'doom' | 'again', rememberMs: number) {
    this.#clock = clock;
    this.#onStalled = onStalled;
    this.#rememberMs = rememberMs;
  }

  /** Jobs that are not done, delayed ones included. */
  get length(): number {
    return this.#jobs.size;
  }

  /** Does nothing while the id is known, be it of a job that is done. */
  add(id: string, data: T, delayMs = 0): void {
    if (this.#jobs.has(id) || (this.#doneUntilMs.get(id) ?? -Infinity) > this.#clock.nowMs) return;
    const job = { id, data, started: 0, token: null, lockedUntilMs: 0, doomed: false };
    this.#jobs.set(id, job);
    if (delayMs === 0) this.#wait(id);
    else {
      void this.#clock.at(this.#clock.nowMs + delayMs).then(() => {
        if (this.#jobs.get(id) === job) this.#wait(id);
      });
    }
  }

  take(token: string): Readonly<Job<T>> | null {
    const id = this.#waiting.shift();
    if (id === undefined) return null;
    const job = this.#jobs.get(id)!;
    this.#active.add(id);
    job.started += 1;
    job.token = token;
    job.lockedUntilMs = this.#clock.nowMs + timings.leaseMs;
    return { ...job };
  }

  /** Resolves when there may be something to take. */
  async arrival(): Promise<void> {
    if (this.#waiting.length === 0) await new Promise<void>((arrived) => this.#onArrival.push(arrived));
  }

  /** Whether the lock was still this one's. */
  renew(id: string, token: string): boolean {
    if (!this.#isHeld(id, token)) return false;
    this.#jobs.get(id)!.lockedUntilMs = this.#clock.nowMs + timings.leaseMs;
    this.#maybeStalled.delete(id);
    return true;
  }

  /** Done: remembered for a while. Whose lock has run out may no longer say so. */
  complete(id: string, token: string): boolean {
    if (!this.forget(id, token)) return false;
    this.#doneUntilMs.set(id, this.#clock.nowMs + this.#rememberMs);
    return true;
  }

  /** Failed: gone at once. */
  forget(id: string, token: string): boolean {
    if (!this.#isHeld(id, token)) return false;
    this.#jobs.delete(id);
    this.#active.delete(id);
    return true;
  }

  /** Two looks: what was active at the last one, and has had no sign of life since, is given up. */
  lookForStalled(): T[] {
    const stalled = [...this.#maybeStalled].filter(
      (id) => this.#active.has(id) && this.#jobs.get(id)!.lockedUntilMs <= this.#clock.nowMs,
    );
    for (const id of stalled) {
      if (this.#onStalled === 'doom') this.#jobs.get(id)!.doomed = true;
      this.#putBack(id);
    }
    this.#maybeStalled = new Set(this.#active);
    return stalled.map((id) => this.#jobs.get(id)!.data);
  }

  /** Hands out once more whatever is in somebody's hands. */
  redeliverAll(): void {
    for (const id of this.#active) this.#putBack(id);
  }

  wipe(): void {
    this.#jobs = new Map();
    this.#waiting = [];
    this.#active = new Set();
    this.#maybeStalled = new Set();
    this.#doneUntilMs = new Map();
  }

  #isHeld(id: string, token: string): boolean {
    const job = this.#jobs.get(id);
    return (
      job !== undefined &&
      this.#active.has(id) &&
      job.token === token &&
      job.lockedUntilMs > this.#clock.nowMs
    );
  }

  #putBack(id: string): void {
    this.#active.delete(id);
    this.#jobs.get(id)!.token = null;
    this.#wait(id);
  }

  #wait(id: string): void {
    this.#waiting.push(id);
    for (const arrived of this.#onArrival.splice(0)) arrived();
  }
}
