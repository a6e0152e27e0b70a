import { setTimeout as delay } from 'node:timers/promises';
import { timings } from '../timings.ts';
import type { Fault } from './fault.ts';
import { untilItBeats, workerWithWork } from './workers.ts';

/** The zombie: SIGSTOP of a worker for longer than its lease, then SIGCONT. By then its tasks are another's. */
export const pauseWorker: Fault = {
  name: 'pause-worker',
  async run(system, random, signal) {
    const worker = await workerWithWork(system, random, signal);
    const forMs = timings.leaseMs * random.between(1.1, 1.8);
    worker.slot.signal('SIGSTOP');
    await delay(forMs, undefined, { signal });
    worker.slot.signal('SIGCONT');
    await untilItBeats(system, worker, signal);
    const { name } = worker.slot;
    return { mayCost: [name], paused: [name], note: `${name} for ${Math.round(forMs)} ms` };
  },
};
