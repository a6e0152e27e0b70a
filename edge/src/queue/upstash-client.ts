import { EventEmitter } from 'node:events';
import type { Redis } from '@upstash/redis';
import type { IRedisClient } from 'bullmq';
import { encodeCall, luaScript, type LuaScript, type ScriptArgument } from './lua-script.ts';
import { askRedis, RedisRestError } from './redis-rest-error.ts';
import { UpstashPipeline } from './upstash-pipeline.ts';

/** Scripts are the same for every client in an isolate, and hashing sixty of them is not free. */
const scripts = new Map<string, LuaScript>();

/**
 * The part of BullMQ's client interface that adding jobs needs, over Upstash's REST protocol: one request for one call.
 *
 * There is no connection, so it is always ready and nothing has to be closed. Whatever a consumer of jobs would need
 * (blocking reads, duplicates, transactions) is refused: jobs are consumed by the fleet, over TCP.
 */
export class UpstashClient extends EventEmitter {
  readonly status = 'ready';
  readonly isCluster = false;
  readonly options = {};
  readonly #redis: Redis;

  constructor(redis: Redis) {
    super();
    this.#redis = redis;
  }

  /** This client as BullMQ asks for it. */
  static forBullMQ(redis: Redis): IRedisClient {
    return new UpstashClient(redis) as unknown as IRedisClient;
  }

  async connect(): Promise<void> {}

  disconnect(): void {
    // BullMQ waits for this when a queue is closed.
    this.emit('close');
    this.emit('end');
  }

  async quit(): Promise<string> {
    return 'OK';
  }

  defineCommand(name: string, definition: { numberOfKeys: number; lua: string }): void {
    if (!scripts.has(name)) scripts.set(name, luaScript(definition.numberOfKeys, definition.lua));
  }

  /** Runs a script by its hash, and sends its text only when Redis does not know it. */
  async runCommand(name: string, args: ScriptArgument[]): Promise<unknown> {
    const script = scripts.get(name);
    if (script === undefined) throw new Error(`no script was defined as ${name}`);
    const { keys, argv } = encodeCall(script, args);
    try {
      return await askRedis(() => this.#redis.evalsha(script.sha, keys, argv));
    } catch (error) {
      if (!(error instanceof RedisRestError && error.message.includes('NOSCRIPT'))) throw error;
    }
    return askRedis(() => this.#redis.eval(script.source, keys, argv));
  }

  pipeline(): UpstashPipeline {
    return new UpstashPipeline(this.#redis, scripts);
  }

  multi(): never {
    return refuse('a transaction');
  }

  duplicate(): never {
    return refuse('a second connection');
  }

  scanStream(): never {
    return refuse('a scan');
  }
}

function refuse(what: string): never {
  throw new Error(`${what} is not available over REST`);
}
