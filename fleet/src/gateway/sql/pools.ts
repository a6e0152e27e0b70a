import type { Logger } from 'pino';
import pg from 'pg';
import { Refusal } from '../refusal.ts';
import type { Postgres } from './parse-credential.ts';

/** Time to connect, or to wait for one of the database's connections. */
const connectTimeoutMs = 10_000;
const idleTimeoutMs = 10_000;

/** Databases with an open pool. In production there is one; test suites use one each, and come and go. */
const maxDatabases = 32;

/** Every cell stays the text that Postgres sent: what it becomes is decided where the row is written. */
const textOnly = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;

/**
 * One pool of connections for each database, in order of last use. An unused connection closes after 10 s, and when a further
 * database is asked for, the pool that was used longest ago, and is not in use now, goes.
 */
export class Pools {
  readonly #postgres: Postgres;
  readonly #maxConnections: number;
  readonly #logger: Logger | undefined;
  readonly #pools = new Map<string, pg.Pool>();
  /** Connections that have been opened and have not ended; pool.end() alone does not wait for the last of them. */
  readonly #open = new Set<pg.PoolClient>();
  #closing: Promise<void> | undefined;

  constructor(postgres: Postgres, maxConnections: number, logger: Logger | undefined) {
    this.#postgres = postgres;
    this.#maxConnections = maxConnections;
    this.#logger = logger;
  }

  /**
   * A connection to a database, to be given back with `release()`, or closed with `release(true)`.
   * @throws pg.DatabaseError when Postgres refuses; Refusal 08001 when it cannot be reached, 53300 when no connection becomes free.
   */
  async connect(database: string): Promise<pg.PoolClient> {
    if (this.#closing !== undefined) throw new Refusal(400, 'The gateway is closing', '57P01');
    const pool = this.#pool(database);
    try {
      return await pool.connect();
    } catch (error) {
      if (error instanceof pg.DatabaseError) throw error;
      if (pool.totalCount >= this.#maxConnections)
        throw new Refusal(400, `No connection became free within ${connectTimeoutMs / 1000} s`, '53300');
      throw new Refusal(400, 'Postgres cannot be reached', '08001');
    }
  }

  /** Waits for the connections that are in use, closes all, and returns when they have ended. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
      await Promise.all(
        [...this.#open].map((client) => new Promise<void>((resolve) => client.once('end', resolve))),
      );
    })();
    return this.#closing;
  }

  #pool(database: string): pg.Pool {
    const pool = this.#pools.get(database) ?? this.#openPool(database);
    this.#pools.delete(database);
    this.#pools.set(database, pool);
    return pool;
  }

  #openPool(database: string): pg.Pool {
    if (this.#pools.size >= maxDatabases) this.#evictPool();
    const pool = new pg.Pool({
      ...this.#postgres,
      database,
      max: this.#maxConnections,
      types: textOnly,
      application_name: 'runfleet-gateway',
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: idleTimeoutMs,
      keepAlive: true,
    });
    pool.on('connect', (client) => {
      this.#open.add(client);
      client.once('end', () => this.#open.delete(client));
    });
    // An idle connection was lost (a restart, a dropped database); the pool has removed it already.
    pool.on('error', (error) =>
      this.#logger?.warn({ code: codeOf(error) }, 'gateway: idle postgres connection lost'),
    );
    return pool;
  }

  #evictPool(): void {
    for (const [database, pool] of this.#pools) {
      if (pool.idleCount < pool.totalCount || pool.waitingCount > 0) continue;
      this.#pools.delete(database);
      pool.end().catch(() => {});
      return;
    }
    throw new Refusal(400, `More than ${maxDatabases} databases are in use at once`, '53300');
  }
}

function codeOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
