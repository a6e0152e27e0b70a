import {
  attemptJob,
  queuePrefix,
  resultJob,
  resultsQueueName,
  tasksQueueName,
  type Dispatch,
  type ResultPayload,
} from '@runfleet/shared/queue/contract.ts';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from './log.ts';

/** The queues that the fleet writes to. Each is opened when it is first written to. */
export class Queues {
  readonly #open = new Map<string, Queue>();
  readonly #redis: Redis;
  readonly #logger: Logger;

  constructor(redis: Redis, logger: Logger) {
    this.#redis = redis;
    this.#logger = logger;
  }

  async dispatch(attempts: readonly Dispatch[]): Promise<void> {
    for (const [type, ofType] of Map.groupBy(attempts, (attempt) => attempt.type)) {
      await this.#queue(tasksQueueName(type)).addBulk(ofType.map(attemptJob));
    }
  }

  async pushResult(result: ResultPayload): Promise<void> {
    const job = resultJob(result);
    await this.#queue(resultsQueueName).add(job.name, job.data, job.opts);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((queue) => queue.close()));
    this.#open.clear();
  }

  #queue(name: string): Queue {
    let queue = this.#open.get(name);
    if (queue === undefined) {
      queue = new Queue(name, { connection: this.#redis, prefix: queuePrefix, skipVersionCheck: true });
      queue.on('error', (error) =>
        this.#logger.warn({ event: 'queue_error', queue: name, error: error.message }),
      );
      this.#open.set(name, queue);
    }
    return queue;
  }
}
