import { setTimeout as delay } from 'node:timers/promises';
import { timings } from '../timings.ts';
import type { Fault } from './fault.ts';
import { untilItBeats, workerWithWork } from './workers.ts';

/** A worker that runs something is cut off from Redis for longer than its lease: what it runs becomes another's. */
export const cutOffWorker: Fault = {
  name: 'cut-off-worker',
  async run(system, random, signal) {
    const worker = await workerWithWork(system, random, signal);
    const forMs = timings.leaseMs * random.between(1.2, 2);
    worker.redis.cut();
    await delay(forMs, undefined, { signal });
    worker.redis.heal();
    await untilItBeats(system, worker, signal);
    return { mayCost: [worker.slot.name], note: `${worker.slot.name} for ${Math.round(forMs)} ms` };
  },
};
