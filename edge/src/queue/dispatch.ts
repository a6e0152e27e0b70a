import { attemptJob, queuePrefix, tasksQueueName, type Dispatch } from '@runfleet/shared/queue/contract.ts';
import type { Redis } from '@upstash/redis';
import { Queue } from 'bullmq';
import { UpstashClient } from './upstash-client.ts';

/**
 * Puts one attempt on its type's queue: one request. The same attempt twice is one job.
 *
 * @throws RedisRestError when Redis refuses or does not answer; whether the job was added is then unknown
 */
export async function dispatchOne(redis: Redis, attempt: Dispatch): Promise<void> {
  const job = attemptJob(attempt);
  await openQueue(redis, attempt.type).add(job.name, job.data, job.opts);
}

/** Puts attempts on their queues: one request for each type. Throws when any of them could not be added. */
export async function dispatchAll(redis: Redis, attempts: readonly Dispatch[]): Promise<void> {
  const byType = Map.groupBy(attempts, (attempt) => attempt.type);
  for (const [type, ofType] of byType) {
    await openQueue(redis, type).addBulk(ofType.map(attemptJob));
  }
}

/**
 * A queue for one request of ours: workerd lets no request wait for what another has begun. Both flags keep BullMQ from
 * asking Redis anything before it adds.
 */
function openQueue(redis: Redis, type: string): Queue {
  const queue = new Queue(tasksQueueName(type), {
    connection: UpstashClient.forBullMQ(redis),
    prefix: queuePrefix,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  // Without a listener, an error that the call reports anyway would be thrown a second time.
  queue.on('error', () => {});
  return queue;
}
