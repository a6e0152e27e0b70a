import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';

type PostgresClient = 'edge' | 'worker' | 'recorder';
export type Statements = Record<PostgresClient, number>;

const applications: Record<string, PostgresClient> = {
  'runfleet-gateway': 'edge',
  'runfleet worker': 'worker',
  'runfleet recorder': 'recorder',
};

const waitForLogMs = 10_000;

/**
 * Counts the statements that Postgres is sent until it is stopped, from Postgres' own log. Each is a transaction of its
 * own; of several in one, `begin` and `commit` would show up as statements too. Not counted is the gateway's `discard all`
 * after each request, which Neon has no need of.
 *
 * @param logFile where Postgres' log goes
 */
export async function countStatements(postgres: Pool, logFile: string): Promise<() => Promise<Statements>> {
  await logEveryStatement(postgres, true);
  const from = await mark(postgres, logFile);
  return async () => {
    const until = await mark(postgres, logFile);
    await logEveryStatement(postgres, false);
    const log = (await readFile(logFile)).subarray(from, until).toString();
    const counts: Statements = { edge: 0, worker: 0, recorder: 0 };
    for (const [, name = '', statement = ''] of log.matchAll(
      /^application=([^|]*)\|LOG: {2}(?:execute [^:]*|statement): ?(.*)$/gm,
    )) {
      const client = applications[name.replace(/^(runfleet worker) .*/, '$1')];
      if (client !== undefined && statement !== 'discard all') counts[client] += 1;
    }
    return counts;
  };
}

async function logEveryStatement(postgres: Pool, on: boolean): Promise<void> {
  await postgres.query(`alter system set log_line_prefix = 'application=%a|'`);
  await postgres.query(`alter system set log_statement = '${on ? 'all' : 'none'}'`);
  await postgres.query('select pg_reload_conf()');
  // The other sessions read the settings anew between two statements of theirs.
  await delay(200);
}

/** Leaves a mark in the log, waits until it is there, and says how long the log is by then. */
async function mark(postgres: Pool, logFile: string): Promise<number> {
  const id = randomUUID();
  await postgres.query(`do $$ begin raise log 'mark ${id}'; end $$`);
  const deadline = performance.now() + waitForLogMs;
  while (!(await readFile(logFile, 'utf8')).includes(`mark ${id}`)) {
    if (performance.now() > deadline) throw new Error(`Postgres' log has no mark within ${waitForLogMs} ms`);
    await delay(50);
  }
  return (await stat(logFile)).size;
}
