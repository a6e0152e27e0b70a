import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** A command without a reply for this long is given up; whether Redis ran it is then unknown. */
const commandTimeoutMs = 10_000;
const connectTimeoutMs = 5_000;

/**
 * The connection that all commands share. While Redis is away a command fails at once instead of waiting in a queue, and none is
 * ever sent twice by itself: the client knows whether a repeat is harmless, the gateway does not.
 */
export function connectRedis(redisUrl: string, logger: Logger | undefined): Redis {
  const redis = new Redis(redisUrl, {
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    // A connection that answers nothing is forgotten by somebody on the way, and would stay so.
    socketTimeout: commandTimeoutMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 50, 1_000),
  });
  // Said once when it goes and once when it is back, not at each of the attempts in between.
  let lost = false;
  redis.on('error', (error: NodeJS.ErrnoException) => {
    if (!lost) logger?.warn({ code: error.code }, 'gateway: redis cannot be reached');
    lost = true;
  });
  redis.on('ready', () => {
    if (lost) logger?.info('gateway: redis is back');
    lost = false;
  });
  return redis;
}

/** A connection for one subscription. It does not reconnect: what was published in between is lost, and its reader should know. */
export function connectSubscriber(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, {
    connectTimeout: connectTimeoutMs,
    retryStrategy: () => null,
    lazyConnect: true,
  });
  redis.on('error', () => {}); // told by `end`, which follows
  return redis;
}

/** Waits until the connection is usable, at most `timeoutMs`; true when it is. */
export async function becomesReady(redis: Redis, timeoutMs: number): Promise<boolean> {
  if (redis.status === 'ready') return true;
  return new Promise((resolve) => {
    const settle = (ready: boolean) => {
      clearTimeout(timer);
      redis.off('ready', onReady);
      redis.off('end', onEnd);
      resolve(ready);
    };
    const onReady = () => settle(true);
    const onEnd = () => settle(false);
    const timer = setTimeout(onEnd, timeoutMs);
    redis.once('ready', onReady);
    redis.once('end', onEnd);
  });
}
