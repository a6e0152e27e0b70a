import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { untilItBeats } from './workers.ts';

const preload = new URL('../system/skewed-clock.mjs', import.meta.url);

/** A worker whose clock is a minute ahead, or behind, takes work for a while. Nothing is lost by it. */
export const skewClock: Fault = {
  name: 'skew-clock',
  async run(system, random, signal) {
    const worker = random.pick(system.workers);
    const skewMs = random.pick([-60_000, 60_000]);
    await worker.slot.replace(['--import', `${preload.href}?skewMs=${skewMs}`]);
    await untilItBeats(system, worker, signal);
    await delay(random.between(2_000, 4_000), undefined, { signal });
    await worker.slot.replace();
    await untilItBeats(system, worker, signal);
    return { mayCost: 'none', note: `${worker.slot.name} by ${skewMs / 1000} s` };
  },
};
