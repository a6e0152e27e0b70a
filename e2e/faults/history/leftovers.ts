import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresServer } from '../system/postgres-server.ts';
import type { System } from '../system/system.ts';
import { until } from '../until.ts';
import type { Leftovers } from './history.ts';

const queues = ['runfleet:tasks-javascript', 'runfleet:results'];

/** What stays by design: remembered jobs (`:t-…`), BullMQ's own notes about a queue, and that this Redis is a known one. */
const mayStay =
  /^runfleet:epoch$|^runfleet:(tasks-javascript|results):(meta|id|events|stalled-check|completed|marker|t-[0-9a-f-]+-\d+)$/;

/** Looks for what is there and should not be, when the program under test has been stopped. */
export async function findLeftovers(system: System): Promise<Leftovers> {
  const { postgres, redis: server, census, workDir } = system;
  const { redis } = server;
  for (const link of system.links.values()) link.bury();
  await until(
    'Postgres has noticed who has gone',
    5_000,
    async () => (await readSessions(postgres)).length === 0,
  ).catch(() => {});
  const jobs: string[] = [];
  for (const queue of queues) {
    for (const list of ['wait', 'active', 'paused'] as const) {
      for (const job of await redis.lrange(`${queue}:${list}`, 0, -1))
        jobs.push(`${queue}:${list} has ${job}`);
    }
    for (const set of ['delayed', 'prioritized', 'failed', 'waiting-children']) {
      for (const job of await redis.zrange(`${queue}:${set}`, 0, -1)) jobs.push(`${queue}:${set} has ${job}`);
    }
    for (const job of await redis.smembers(`${queue}:stalled`)) jobs.push(`${queue}:stalled has ${job}`);
  }
  const keys = (await redis.keys('*')).filter((key) => !mayStay.test(key)).toSorted();
  const locks = await postgres.query<{ line: string }>(
    `select concat_ws(' ', l.locktype, l.mode, a.application_name) as line
     from pg_locks l join pg_stat_activity a using (pid)
     where a.datname = current_database() and a.application_name <> 'campaign' and a.backend_type = 'client backend'`,
  );
  return {
    processes: census.alive(),
    directories: directoriesOf(workDir),
    connections: await readSessions(postgres),
    locks: locks.map(({ line }) => line),
    jobs,
    keys,
  };
}

async function readSessions(postgres: PostgresServer): Promise<string[]> {
  const rows = await postgres.query<{ line: string }>(
    `select concat_ws(' ', application_name, state, left(query, 80)) as line from pg_stat_activity
     where datname = current_database() and application_name <> 'campaign' and backend_type = 'client backend'`,
  );
  return rows.map(({ line }) => line);
}

function directoriesOf(workDir: string): string[] {
  if (!existsSync(workDir)) return [];
  return readdirSync(workDir).flatMap((worker) =>
    readdirSync(join(workDir, worker)).map((name) => join(worker, name)),
  );
}
