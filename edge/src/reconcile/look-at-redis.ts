import type { Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import { queuePrefix, redisEpochKey, resultsQueueName } from '@runfleet/shared/queue/contract.ts';
import type { Redis } from '@upstash/redis';
import { askRedis } from '../queue/redis-rest-error.ts';
import { readHeartbeats } from '../read-heartbeats.ts';

/** What Redis tells a reconcile. */
export interface RedisSight {
  /** No reconcile has met this Redis before: it is new, or was wiped, and holds none of our jobs. */
  isNew: boolean;
  /** Outcomes that wait for a recorder, or that one has in hand. */
  resultsBacklog: number;
  /** In the order of the workers asked for. */
  heartbeats: (Heartbeat | null)[];
}

/** Two requests. Throws RedisRestError when Redis refuses or does not answer. */
export async function lookAtRedis(redis: Redis, workerIds: readonly string[]): Promise<RedisSight> {
  const results = `${queuePrefix}:${resultsQueueName}`;
  const [heartbeats, [epoch, waiting, active]] = await Promise.all([
    readHeartbeats(redis, workerIds),
    askRedis(() =>
      redis.pipeline().get<string>(redisEpochKey).llen(`${results}:wait`).llen(`${results}:active`).exec(),
    ),
  ]);
  return { isNew: epoch === null, resultsBacklog: waiting + active, heartbeats };
}

/** From now on this Redis is a known one. */
export async function markRedisAsKnown(redis: Redis): Promise<void> {
  await askRedis(() => redis.set(redisEpochKey, new Date().toISOString(), { nx: true }));
}
