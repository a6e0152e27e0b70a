import { setTimeout as delay } from 'node:timers/promises';
import { mayCome } from '../until.ts';
import type { Fault } from './fault.ts';

/**
 * kill -9 of a recorder that has committed a batch and has not acknowledged it. Postgres is held back until outcomes are
 * in its hands, then what it says to Redis; then Postgres goes on, and with the first commit of its own it dies.
 */
export const killRecorderBeforeAcknowledge: Fault = {
  name: 'kill-recorder-before-acknowledge',
  async run(system, random, signal) {
    const { slot, redis, postgres } = random.pick(system.recorders);
    postgres.stall('requests');
    await delay(300, undefined, { signal });
    redis.stall('requests');
    const [{ last } = { last: 0 }] = await system.postgres.query<{ last: number }>(
      'select coalesce(max(seq), 0)::int as last from campaign.task_events',
    );
    postgres.heal();
    const committed = await mayCome(
      1_500,
      async () => {
        const [row] = await system.postgres.query<{ tasks: number }>(
          'select count(*)::int as tasks from campaign.task_events where seq > $1 and by = $2',
          [last, slot.name],
        );
        return row !== undefined && row.tasks > 0 && row.tasks;
      },
      signal,
    );
    await slot.kill();
    redis.heal();
    return {
      mayCost: 'none',
      note:
        committed === null
          ? `${slot.name}, which had nothing in hand`
          : `${slot.name} after ${committed} records`,
    };
  },
};
