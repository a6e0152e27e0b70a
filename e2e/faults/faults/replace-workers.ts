import type { Fault } from './fault.ts';
import { namesOf, untilItBeats } from './workers.ts';

/** A rolling replacement of all workers, while they run tasks. Nothing is lost by it: what runs ends, or is given back. */
export const replaceWorkers: Fault = {
  name: 'replace-workers',
  async run(system, random, signal) {
    const order = random.shuffled(system.workers);
    for (const worker of order) {
      await worker.slot.replace();
      await untilItBeats(system, worker, signal);
    }
    return { mayCost: 'none', note: namesOf(order).join(', ') };
  },
};
