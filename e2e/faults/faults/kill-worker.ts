import type { Fault } from './fault.ts';
import { untilItBeats, workerWithWork } from './workers.ts';

/** kill -9 of a worker that runs something. */
export const killWorker: Fault = {
  name: 'kill-worker',
  async run(system, random, signal) {
    const worker = await workerWithWork(system, random, signal);
    system.census.look();
    await worker.slot.kill();
    await untilItBeats(system, worker, signal);
    return { mayCost: [worker.slot.name], note: worker.slot.name };
  },
};
