import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import type { Submission } from './submission.ts';

/** A client that hears nothing for this long gives the request up. */
const patienceMs = 4_000;
const retryMs = { first: 200, most: 2_000 };

/** Sends a load, keeps what came back, and sends again what got no answer, until it has one. */
export class Client {
  readonly answers: Answer[] = [];
  readonly #apiUrl: string;
  readonly #pending = new Set<Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(apiUrl: string) {
    this.#apiUrl = apiUrl;
  }

  /** Sends each when its time has come, however many are without an answer. Resolves when the last one has been sent. */
  async send(submissions: readonly Submission[], signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    for (const submission of submissions.toSorted((one, other) => one.atMs - other.atMs)) {
      const waitMs = startedMs + submission.atMs - performance.now();
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
      signal.throwIfAborted();
      this.#follow(this.#insist(submission, false, 0));
      if (submission.repeatAfterMs !== null) {
        this.#follow(this.#insist(submission, true, submission.repeatAfterMs));
      }
    }
  }

  /** Resolves when every request has been answered. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  get waiting(): number {
    return this.#pending.size;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.settled();
  }

  #follow(conversation: Promise<void>): void {
    // It was stopped; what it had sent stays unknown.
    const quiet = conversation.catch(() => {});
    this.#pending.add(quiet);
    void quiet.then(() => this.#pending.delete(quiet));
  }

  async #insist(submission: Submission, repetition: boolean, afterMs: number): Promise<void> {
    const { signal } = this.#stopped;
    await delay(afterMs, undefined, { signal });
    for (let waitMs = retryMs.first; ; waitMs = Math.min(waitMs * 2, retryMs.most)) {
      const sentAtMs = Date.now();
      const seen = await this.#post(submission);
      const answer = { ...seen, key: submission.key, repetition, sentAtMs, atMs: Date.now() } as Answer;
      this.answers.push(answer);
      if (answer.kind !== 'unknown') return;
      await delay(waitMs, undefined, { signal });
    }
  }

  async #post({ key, body }: Submission): Promise<object> {
    try {
      const response = await fetch(`${this.#apiUrl}/tasks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body,
        signal: AbortSignal.any([AbortSignal.timeout(patienceMs), this.#stopped.signal]),
      });
      const text = await response.text();
      if (response.status === 202 || response.status === 200) {
        const fresh = response.headers.get('idempotency-replayed') !== 'true';
        return { kind: 'ok', id: (JSON.parse(text) as { id: string }).id, fresh };
      }
      const problem = text.slice(0, 300);
      // Whether something was kept before it went wrong, an error of the server does not say. 429 asks to come back.
      if (response.status >= 500 || response.status === 429)
        return { kind: 'unknown', why: `${response.status} ${problem}` };
      return { kind: 'fail', status: response.status, problem };
    } catch (error) {
      return { kind: 'unknown', why: reasonOf(error) };
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
}
