import { setTimeout as delay } from 'node:timers/promises';
import type { System } from '../system/system.ts';
import { mayCome, until } from '../until.ts';
import type { Fault } from './fault.ts';

/**
 * Every session of the program under test is ended by the server, and some in the middle of a statement: claims and
 * records are held up before that.
 */
export const terminateConnections: Fault = {
  name: 'terminate-connections',
  async run(system, _random, signal) {
    const holding = await system.postgres.session();
    try {
      await holding.query('begin');
      await holding.query('lock table attempts in exclusive mode');
      await mayCome(1_000, async () => (await busySessions(system)) > 0, signal);
      const busy = await busySessions(system);
      const ended = await system.postgres.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where ${theirs}`,
      );
      return { mayCost: 'all', note: `${ended.length} connections, ${busy} of them in a statement` };
    } finally {
      await holding.end();
    }
  },
};

const theirs = `datname = current_database() and application_name <> 'campaign' and backend_type = 'client backend'`;

async function busySessions({ postgres }: System): Promise<number> {
  return (await postgres.query(`select from pg_stat_activity where state = 'active' and ${theirs}`)).length;
}

/** Postgres is restarted: in order, or after a crash. What was committed is there again. */
export const restartPostgres: Fault = {
  name: 'restart-postgres',
  async run(system, random, signal) {
    const crash = random.next() < 0.5;
    const downMs = random.between(0, 2_000);
    await (crash ? system.postgres.crash() : system.postgres.stop());
    await delay(downMs, undefined, { signal }).catch(() => {});
    await system.postgres.start();
    await until('Postgres answers', 10_000, async () => system.postgres.query('select 1'));
    signal.throwIfAborted();
    return { mayCost: 'all', note: `${crash ? 'crashed' : 'stopped'}, down for ${Math.round(downMs)} ms` };
  },
};
