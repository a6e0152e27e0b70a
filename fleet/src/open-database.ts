import { databasePlugins, type Database } from '@runfleet/shared/db/database.ts';
import type { DB } from '@runfleet/shared/db/schema.ts';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { Logger } from './log.ts';

/** Postgres over TCP. `destroy()` it to close the connections. */
export function openDatabase(databaseUrl: string, name: string, logger: Logger): Database {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: name,
    max: 4,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    keepAlive: true,
  });
  // A connection that breaks while idle is replaced when the next one is needed.
  pool.on('error', (error) => logger.warn({ event: 'database_connection_lost', error: error.message }));
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }), plugins: databasePlugins });
}
