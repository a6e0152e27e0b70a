import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** kill -9 of a recorder that has outcomes in hand and cannot write them, since Postgres does not answer it. */
export const killRecorderBeforeCommit: Fault = {
  name: 'kill-recorder-before-commit',
  async run(system, random, signal) {
    const { slot, postgres } = random.pick(system.recorders);
    postgres.stall('requests');
    await delay(random.between(300, 800), undefined, { signal });
    await slot.kill();
    // What it had sent must not arrive after its death: that would be a commit after all.
    postgres.cut();
    postgres.heal();
    return { mayCost: 'none', note: slot.name };
  },
};
