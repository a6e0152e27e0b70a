import { Redis } from 'ioredis';
import type { Logger } from './log.ts';

/** Longer than BullMQ's longest wait for a job, which is ten seconds. */
const longestSilenceMs = 15_000;

/**
 * Redis over TCP. Commands wait for a connection that is lost, without a limit, as BullMQ wants it; the wait between two
 * tries stays short, so work goes on within a second of Redis' return.
 *
 * @param silenceMs a connection on which a command has had no answer for this long is replaced by a new one: a firewall
 *   may have forgotten it, and then neither Redis nor the network would ever say so
 */
export function openRedis(
  redisUrl: string,
  name: string,
  logger: Logger,
  silenceMs = longestSilenceMs,
): Redis {
  const redis = new Redis(redisUrl, {
    connectionName: name,
    maxRetriesPerRequest: null,
    socketTimeout: silenceMs,
    retryStrategy: (tries) => Math.min(tries * 100, 1_000),
  });
  redis.on('error', (error: Error) => logger.warn({ event: 'redis_connection_lost', error: error.message }));
  return redis;
}
