import pg from 'pg';
import { Refusal } from '../refusal.ts';
import { sameSecret } from '../same-secret.ts';

/** Where the configured Postgres is, resolved as pg resolves it (URL, then PG… environment). */
export interface Postgres {
  host: string;
  port: number;
  user: string;
  password: string;
  ssl: boolean;
}

export function parsePostgres(databaseUrl: string): Postgres {
  const { host, port, user, password, ssl } = new pg.Client({ connectionString: databaseUrl });
  return { host, port, user: user ?? '', password: password ?? '', ssl };
}

/**
 * Checks `Neon-Connection-String` and returns the database that it names. User and password must be the configured ones; host and
 * port are ignored (the driver needs some), and so are query parameters. The database may be any: Postgres says who may connect to it.
 * @throws Refusal in Neon's shape, status 400 because the driver reads the body of no other: code 28P01 for a wrong credential.
 */
export function authorizeSql(connectionString: string | undefined, postgres: Postgres): string {
  if (connectionString === undefined)
    throw new Refusal(400, 'The Neon-Connection-String header is missing', '08P01');
  const { user, password, database } = parseConnectionString(connectionString);
  // Both are compared whatever the first says, so that the time taken tells nothing.
  const sameUser = sameSecret(user, postgres.user);
  const samePassword = sameSecret(password, postgres.password);
  if (!sameUser || !samePassword) throw new Refusal(400, 'password authentication failed', '28P01');
  if (database === '' || database.includes('\0'))
    throw new Refusal(400, 'The connection string names no valid database', '3D000');
  return database;
}

function parseConnectionString(text: string): { user: string; password: string; database: string } {
  try {
    const url = new URL(text);
    if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:')
      throw new TypeError('not a Postgres URL');
    return {
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)),
    };
  } catch {
    throw new Refusal(400, 'The Neon-Connection-String header is not a valid postgresql:// URL', '08P01');
  }
}
