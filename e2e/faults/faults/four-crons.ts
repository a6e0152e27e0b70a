import { mayCome } from '../until.ts';
import type { Fault } from './fault.ts';

/**
 * Four crons at once over rows that are due, one of which a session holds that hangs. They must share the rest, and none
 * may wait for another, or for that session.
 */
export const fourCrons: Fault = {
  name: 'four-crons',
  async run(system, _random, signal) {
    const toRedis = system.links.get('edge–redis-gateway');
    const hanging = await system.postgres.session();
    try {
      // Without Redis nothing is enqueued and no cron gets far, so rows come due.
      toRedis?.cut();
      const due = await mayCome(
        4_000,
        async () => {
          await hanging.query('begin');
          const { rowCount } = await hanging.query(
            `select id from tasks where status = 'queued' and dispatch_due <= now() limit 1 for update skip locked`,
          );
          if (rowCount === 0) await hanging.query('rollback');
          return rowCount !== 0;
        },
        signal,
      );
      toRedis?.heal();
      const took = await Promise.all(Array.from({ length: 4 }, () => system.cron.fire()));
      const times = took.map((ms) => (ms === null ? 'failed' : `${Math.round(ms)} ms`)).join(', ');
      return { mayCost: 'none', note: `${due === null ? 'nothing was due' : 'one row was held'}; ${times}` };
    } finally {
      await hanging.end();
    }
  },
};
