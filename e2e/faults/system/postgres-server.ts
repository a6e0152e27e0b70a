import { join } from 'node:path';
import type { Part } from '@runfleet/local/part.ts';
import { startPostgres } from '@runfleet/local/parts/postgres.ts';
import type { Reaper } from '@runfleet/local/reaper.ts';
import pg from 'pg';

/** The campaign's own application name, which tells its sessions from those of the program under test. */
const ownName = 'campaign';

/** The Postgres of a campaign, which can be crashed, and the campaign's own way to it, past every link. */
export class PostgresServer {
  readonly #config: { port: number; dataDir: string; logFile: string; durable: boolean };
  readonly #reaper: Reaper;
  #part: Part | null = null;
  #pool: pg.Pool | null = null;
  #url = '';

  constructor(port: number, dataDir: string, reaper: Reaper) {
    this.#config = { port, dataDir, logFile: join(dataDir, 'logs', 'postgres.log'), durable: false };
    this.#reaper = reaper;
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    const running = await startPostgres(this.#config, this.#reaper);
    this.#part = running.part;
    this.#url = running.url;
    this.#pool ??= openPool(running.url);
  }

  /** Ends every session and stops, as for a restart in order. */
  async stop(): Promise<void> {
    await this.#part?.stop();
  }

  /** Ends at once, as the out-of-memory killer makes it; what was committed is recovered at the next start. */
  async crash(): Promise<void> {
    this.#part?.signal('SIGQUIT');
    await this.#part?.exited;
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    if (this.#pool === null) throw new Error('Postgres has not been started');
    return (await this.#pool.query<Row>(text, values)).rows;
  }

  /** A session of one's own, to be ended by whoever asked for it. */
  async session(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.#url, application_name: ownName });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  async close(): Promise<void> {
    await this.#pool?.end();
    this.#pool = null;
    await this.stop();
  }
}

function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: ownName,
    max: 4,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  pool.on('error', () => {});
  return pool;
}
