import type { Redis } from '@upstash/redis';
import { encodeCall, type LuaScript, type ScriptArgument } from './lua-script.ts';
import { askRedis, toRedisRestError } from './redis-rest-error.ts';

/**
 * Scripts that travel in one request: BullMQ's pipeline over Upstash's. Each script is loaded once, ahead of its first
 * call in the same request, so a call never meets a Redis that does not know it.
 */
export class UpstashPipeline {
  readonly #pipeline: ReturnType<Redis['pipeline']>;
  readonly #scripts: ReadonlyMap<string, LuaScript>;
  readonly #loaded = new Set<string>();
  /** For each queued command, whether its reply is the caller's, and not of a script's loading. */
  readonly #isCallers: boolean[] = [];

  constructor(redis: Redis, scripts: ReadonlyMap<string, LuaScript>) {
    this.#pipeline = redis.pipeline();
    this.#scripts = scripts;
  }

  runCommand(name: string, args: ScriptArgument[]): this {
    const script = this.#scripts.get(name);
    if (script === undefined) throw new Error(`no script was defined as ${name}`);
    if (!this.#loaded.has(name)) {
      this.#loaded.add(name);
      this.#isCallers.push(false);
      this.#pipeline.scriptLoad(script.source);
    }
    const { keys, argv } = encodeCall(script, args);
    this.#isCallers.push(true);
    this.#pipeline.evalsha(script.sha, keys, argv);
    return this;
  }

  /** One pair of error and reply for each command, as BullMQ reads them; throws only when nothing was carried out. */
  async exec(): Promise<[Error | null, unknown][]> {
    if (this.#isCallers.length === 0) return [];
    const replies = await askRedis(() => this.#pipeline.exec({ keepErrors: true }));
    return replies
      .filter((_, index) => this.#isCallers[index])
      .map(({ error, result }) => (error ? [toRedisRestError(error), null] : [null, result]));
  }
}
