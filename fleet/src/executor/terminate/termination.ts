import type { TerminationReason } from '../attempt.ts';

/**
 * Whether, and why, an attempt is to end before its child does so by itself.
 *
 *   running ──end(reason)──▶ ending      (the first reason stays)
 *   running | ending ──childExited()──▶ over     (later reasons are too late)
 */
export class Termination {
  #reason: TerminationReason | null = null;
  #over = false;
  #kill: (() => void) | null = null;

  get reason(): TerminationReason | null {
    return this.#reason;
  }

  end(reason: TerminationReason): void {
    if (this.#over || this.#reason !== null) return;
    this.#reason = reason;
    this.#kill?.();
  }

  /** From here on a reason kills; one that came while the child was being started kills now. */
  childStarted(kill: () => void): void {
    this.#kill = kill;
    if (this.#reason !== null) kill();
  }

  childExited(): void {
    this.#over = true;
  }
}
