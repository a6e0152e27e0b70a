import { setTimeout as delay } from 'node:timers/promises';
import { ttlMs } from '../timings.ts';
import type { Fault } from './fault.ts';
import { untilItBeats } from './workers.ts';

/** All workers are gone at once, for longer than their heartbeats are believed. */
export const loseAllWorkers: Fault = {
  name: 'lose-all-workers',
  async run(system, _random, signal) {
    system.census.look();
    await Promise.all(system.workers.map(({ slot }) => slot.killForGood()));
    await delay(1.5 * ttlMs, undefined, { signal });
    for (const { slot } of system.workers) slot.fill();
    for (const worker of system.workers) await untilItBeats(system, worker, signal);
    return { mayCost: 'all', note: `${system.workers.length} workers` };
  },
};
