import type { Socket } from 'node:net';
import { defaultTimings } from '@runfleet/shared/model/timings.ts';
import { databasePlugins, type Database } from '@runfleet/shared/db/database.ts';
import type { DB } from '@runfleet/shared/db/schema.ts';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool, type PoolClient } from 'pg';
import type { Logger } from './log.ts';

/**
 * Postgres over TCP. `destroy()` it to close the connections.
 *
 * A statement may take as long as a lease. A connection that stays silent for longer is broken by us: a firewall may have
 * forgotten it, and then neither Postgres nor the network would ever say so.
 */
export function openDatabase(
  databaseUrl: string,
  name: string,
  logger: Logger,
  { leaseMs } = defaultTimings,
): Database {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: name,
    max: 4,
    connectionTimeoutMillis: 10_000,
    statement_timeout: leaseMs,
    keepAlive: true,
  });
  // A connection that breaks while idle is replaced when the next one is needed.
  pool.on('error', (error) => logger.warn({ event: 'database_connection_lost', error: error.message }));
  breakSilence(pool, 1.25 * leaseMs);
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }), plugins: databasePlugins });
}

/** Only while somebody waits for it: an idle connection has nothing to say. */
function breakSilence(pool: Pool, silenceMs: number): void {
  const socketOf = ({ connection }: PoolClient) => connection.stream as Socket;
  pool.on('connect', (client) => {
    // What breaks under a statement rejects it. pg also emits the error, and one that nobody hears ends the process.
    client.on('error', () => {});
    const socket = socketOf(client);
    socket.on('timeout', () => socket.destroy(new Error(`Postgres did not answer within ${silenceMs} ms`)));
  });
  pool.on('acquire', (client) => void socketOf(client).setTimeout(silenceMs));
  pool.on('release', (_error, client) => void socketOf(client).setTimeout(0));
}
