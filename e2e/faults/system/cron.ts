import { tickMs } from '../timings.ts';

/** Does what Cloudflare's cron does. A run that hangs or fails is made up for by the next one. */
export class Cron {
  readonly #edgeUrl: string;
  #timer: NodeJS.Timeout | null = null;
  readonly #underWay = new Set<Promise<number | null>>();
  runs = 0;
  failures = 0;

  constructor(edgeUrl: string) {
    this.#edgeUrl = edgeUrl;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      // On Cloudflare, too, a run that hangs does not keep the next one from beginning.
      if (this.#underWay.size < 3) void this.fire();
    }, tickMs);
  }

  /** One run, now; how many milliseconds it took, or null when it failed. */
  fire(): Promise<number | null> {
    const running = this.#run();
    this.#underWay.add(running);
    void running.finally(() => this.#underWay.delete(running));
    return running;
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<number | null> {
    const startedMs = performance.now();
    this.runs += 1;
    try {
      const response = await fetch(`${this.#edgeUrl}/cdn-cgi/local/scheduled`, {
        signal: AbortSignal.timeout(15_000),
      });
      const body = await response.text();
      if (!response.ok || body === 'exception') throw new Error(body);
      return performance.now() - startedMs;
    } catch {
      this.failures += 1;
      return null;
    }
  }
}
