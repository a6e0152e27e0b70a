import { join } from 'node:path';
import type { Part } from '@runfleet/local/part.ts';
import { findRedisServer } from '@runfleet/local/parts/find-redis-server.ts';
import { startRedis } from '@runfleet/local/parts/redis.ts';
import type { Reaper } from '@runfleet/local/reaper.ts';
import { Redis } from 'ioredis';

/** The Redis of a campaign (AOF, fsync every second), and the campaign's own way to it, past every link. */
export class RedisServer {
  readonly #config: { server: string; port: number; dataDir: string; logFile: string; durable: boolean };
  readonly #reaper: Reaper;
  readonly url: string;
  readonly redis: Redis;
  #part: Part | null = null;

  constructor(port: number, dataDir: string, reaper: Reaper) {
    this.#config = {
      server: findRedisServer(() => {}),
      port,
      dataDir,
      logFile: join(dataDir, 'logs', 'redis.log'),
      durable: true,
    };
    this.#reaper = reaper;
    this.url = `redis://127.0.0.1:${port}`;
    this.redis = new Redis(this.url, {
      lazyConnect: true,
      connectionName: 'campaign',
      commandTimeout: 5_000,
      retryStrategy: () => 200,
    });
    this.redis.on('error', () => {});
  }

  async start(): Promise<void> {
    this.#part = (await startRedis(this.#config, this.#reaper)).part;
    if (this.redis.status === 'wait') await this.redis.connect();
  }

  async kill(): Promise<void> {
    this.#part?.signal('SIGKILL');
    await this.#part?.exited;
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.#part?.stop();
  }
}
