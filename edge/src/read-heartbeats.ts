import { parseHeartbeat, type Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import type { Redis } from '@upstash/redis';
import { askRedis } from './queue/redis-rest-error.ts';

/**
 * The heartbeats of these workers, in their order; null for one that does not beat. One request; none for no worker.
 *
 * @throws RedisRestError when Redis refuses or does not answer
 */
export async function readHeartbeats(
  redis: Redis,
  workerIds: readonly string[],
): Promise<(Heartbeat | null)[]> {
  if (workerIds.length === 0) return [];
  const values = await askRedis(() => redis.mget<(string | null)[]>(...workerIds.map(heartbeatKey)));
  return values.map(parseHeartbeat);
}
