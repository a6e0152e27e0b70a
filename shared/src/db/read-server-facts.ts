import { sql } from 'kysely';
import type { Database } from './database.ts';

export interface ServerFacts {
  /** As Postgres says it, such as `18.4 (Debian 18.4-1)`. */
  version: string;
  /** By Postgres' clock, at this moment. */
  now: Date;
}

export async function readServerFacts(db: Database): Promise<ServerFacts> {
  const { rows } = await sql<ServerFacts>`
    select current_setting('server_version') as version, clock_timestamp() as now`.execute(db);
  const [facts] = rows;
  if (facts === undefined) throw new Error('Postgres answered without a row');
  return facts;
}
