import { mayCome, until } from '../until.ts';
import type { Fault } from './fault.ts';

/** kill -9 of the edge after it has inserted tasks, and before it has put their jobs on the queue. */
export const killEdgeBeforeEnqueue: Fault = {
  name: 'kill-edge-before-enqueue',
  async run(system, _random, signal) {
    const toRedis = system.links.get('edge–redis-gateway');
    const [{ last } = { last: 0 }] = await system.postgres.query<{ last: number }>(
      'select coalesce(max(seq), 0)::int as last from campaign.task_events',
    );
    toRedis?.stall('requests');
    const inserted = await mayCome(
      2_000,
      async () => {
        const [row] = await system.postgres.query<{ tasks: number }>(
          'select count(*)::int as tasks from campaign.task_events where seq > $1 and old_status is null',
          [last],
        );
        return row !== undefined && row.tasks > 2 && row.tasks;
      },
      signal,
    );
    await system.edge.kill();
    // What it had sent must not arrive after its death.
    toRedis?.cut();
    toRedis?.heal();
    await until('the edge is back', 30_000, async () => (await fetch(`${system.apiUrl}/health`)).ok, signal);
    return { mayCost: 'none', note: `after ${inserted ?? 0} inserts` };
  },
};
