import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect, sql, type CompiledQuery } from 'kysely';
import pg from 'pg';
import { inject } from 'vitest';
import { databasePlugins, type Database } from '../src/db/database.ts';
import type { DB } from '../src/db/schema.ts';

export interface TestDatabase {
  db: Database;
  url: string;
  /** Every statement that `db` has sent, oldest first. */
  statements: CompiledQuery[];
  /** Removes every row. */
  clear(): Promise<void>;
  /** Closes `db` and removes the database. Fails when somebody else is still connected to it. */
  drop(): Promise<void>;
}

/** A migrated database of the test's own: a clone of the run's template. */
export function cloneDatabase(): Promise<TestDatabase> {
  return createDatabase(new URL(inject('databaseUrl')).pathname.slice(1));
}

/** A database without any table. */
export function emptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template0');
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdministrator((client) => cloneTemplate(client, name, template));
  const url = urlOf(name);
  const statements: CompiledQuery[] = [];
  // Wide enough for the tests that race.
  const pool = new pg.Pool({ connectionString: url, max: 16 });
  // A test that ends connections from outside must not end the test's process with them.
  pool.on('error', () => {});
  const db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    plugins: databasePlugins,
    log: ({ query }) => void statements.push(query),
  });
  return {
    db,
    url,
    statements,
    async clear() {
      await sql`truncate api_keys, tasks, workers cascade`.execute(db);
    },
    async drop() {
      await db.destroy();
      // Postgres waits some seconds for sessions that are on their way out.
      await asAdministrator((client) => client.query(`drop database ${name}`));
    },
  };
}

const objectInUse = '55006';

/**
 * Postgres clones no database that somebody is connected to. Test files clone one after the other, and one that finds
 * the template in use tries again; each try waits some seconds in Postgres itself.
 */
async function cloneTemplate(client: pg.Client, name: string, template: string): Promise<void> {
  await client.query(`select pg_advisory_lock(hashtext('clone template'))`);
  for (let triesLeft = 5; ; triesLeft -= 1) {
    try {
      await client.query(`create database ${name} template ${template}`);
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === objectInUse && triesLeft > 0)) throw error;
    }
  }
}

async function asAdministrator(act: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    await act(client);
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${database}`;
  return url.href;
}
