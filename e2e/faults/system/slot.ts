import type { Part } from '@runfleet/local/part.ts';

/** How long after its end a process is started again, as systemd's RestartSec. */
const restartMs = 250;

/**
 * A place for one process, which is filled again when the process ends, as systemd would.
 *
 * empty ──fill()──▶ running ──it ends──▶ (restartMs) ──▶ running      any ──empty()──▶ empty
 */
export class Slot {
  readonly name: string;
  readonly #launch: (nodeFlags: readonly string[]) => Part;
  #part: Part | null = null;
  #timer: NodeJS.Timeout | null = null;
  #wanted = false;
  #nodeFlags: readonly string[] = [];
  /** Process ids that ever ran here. */
  readonly pids = new Set<number>();
  starts = 0;

  constructor(name: string, launch: (nodeFlags: readonly string[]) => Part) {
    this.name = name;
    this.#launch = launch;
  }

  get pid(): number | null {
    return this.#part?.pid ?? null;
  }

  fill(nodeFlags: readonly string[] = []): void {
    this.#wanted = true;
    this.#nodeFlags = nodeFlags;
    if (this.#part === null) this.#start();
  }

  /** Ends it in order, and leaves the place empty. */
  async empty(): Promise<void> {
    this.#wanted = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#part?.stop();
  }

  /** Kills it at once; it comes back by itself. */
  async kill(): Promise<void> {
    const part = this.#part;
    part?.signal('SIGKILL');
    await part?.exited;
  }

  /** Kills it at once, and leaves the place empty. */
  async killForGood(): Promise<void> {
    this.#wanted = false;
    await this.kill();
  }

  signal(signal: NodeJS.Signals): void {
    this.#part?.signal(signal);
  }

  /** Ends it in order and starts the next one. */
  async replace(nodeFlags: readonly string[] = []): Promise<void> {
    await this.empty();
    this.fill(nodeFlags);
  }

  #start(): void {
    this.#timer = null;
    if (!this.#wanted || this.#part !== null) return;
    const part = this.#launch(this.#nodeFlags);
    this.#part = part;
    this.pids.add(part.pid);
    this.starts += 1;
    void part.exited.then(() => {
      this.#part = null;
      if (this.#wanted) this.#timer = setTimeout(() => this.#start(), restartMs);
    });
  }
}
