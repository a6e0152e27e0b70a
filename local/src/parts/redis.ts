import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startPart, type Part } from '../part.ts';
import type { Reaper } from '../reaper.ts';
import { waitUntilUp } from '../wait-until.ts';

export interface RedisConfig {
  /** The redis-server or valkey-server to run. */
  server: string;
  port: number;
  dataDir: string;
  logFile: string;
  durable: boolean;
}

export interface RunningRedis {
  part: Part;
  url: string;
}

export async function startRedis(config: RedisConfig, reaper: Reaper): Promise<RunningRedis> {
  const dir = join(config.dataDir, 'redis');
  mkdirSync(dir, { recursive: true });
  const settings = {
    port: String(config.port),
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: config.durable ? 'yes' : 'no',
    appendfsync: 'everysec',
    // A queue must never lose a key to make room for another.
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const part = startPart({ name: 'redis', command: config.server, args, logFile: config.logFile }, reaper);
  const url = `redis://127.0.0.1:${config.port}`;
  await waitUntilUp(part, 30_000, () => answers(url));
  return { part, url };
}

/** Whether a Redis answers there and is done loading its data. */
export async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } finally {
    redis.disconnect();
  }
}
