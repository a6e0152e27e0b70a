/**
 * Who may run beside whom on one worker. When a worker goes down, each of its attempts is charged with a crash, the
 * guilty one and those that only ran beside it; so before a task is called poison, its last attempt runs alone.
 *
 * together (any number) ──one that must be alone waits──▶ nobody enters ──the last has left──▶ alone ──left──▶ together
 */
export class Company {
  /** In the order in which they came, so that neither kind waits for ever. */
  readonly #waiting: { alone: boolean; enter: () => void }[] = [];
  #inside = 0;
  #isAlone = false;

  /**
   * Waits for its turn.
   *
   * @returns how to leave; may be called again
   * @throws the signal's reason, when it would have to wait and that is aborted
   */
  async enter(alone: boolean, signal: AbortSignal): Promise<() => void> {
    const turn = Promise.withResolvers<void>();
    const waiter = { alone, enter: turn.resolve };
    const giveUp = () => {
      const place = this.#waiting.indexOf(waiter);
      if (place === -1) return;
      this.#waiting.splice(place, 1);
      turn.reject(signal.reason);
      this.#admit();
    };
    this.#waiting.push(waiter);
    this.#admit();
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#inside -= 1;
      this.#isAlone = false;
      this.#admit();
    };
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#isAlone || (next.alone && this.#inside > 0)) return;
      this.#waiting.shift();
      this.#inside += 1;
      this.#isAlone = next.alone;
      next.enter();
    }
  }
}
