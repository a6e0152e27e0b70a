import { neon, neonConfig } from '@neondatabase/serverless';
import { databasePlugins, type Database } from '@runfleet/shared/db/database.ts';
import type { DB } from '@runfleet/shared/db/schema.ts';
import { Kysely } from 'kysely';
import { NeonDialect } from 'kysely-neon';
import type { Settings } from './bindings.ts';

/** A statement that takes longer is given up: the client is told that the database does not answer. */
const statementTimeoutMs = 10_000;

/** Postgres over HTTP: one request for each statement, no connection, so one is made for each request of ours. */
export function openDatabase(settings: Settings): Database {
  if (settings.sqlEndpoint !== null) neonConfig.fetchEndpoint = settings.sqlEndpoint;
  // The driver reads `fetchOptions` anew for each statement, so the getter gives each a timeout of its own.
  const fetchOptions = {
    get signal() {
      return AbortSignal.timeout(statementTimeoutMs);
    },
  };
  return new Kysely<DB>({
    dialect: new NeonDialect({ neon: neon(settings.databaseUrl, { fetchOptions }) }),
    plugins: databasePlugins,
  });
}
