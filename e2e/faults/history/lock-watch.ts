import type { PostgresServer } from '../system/postgres-server.ts';
import type { LockWait } from './history.ts';

const everyMs = 200;

/** Watches for statements of the program under test that wait for a lock. */
export class LockWatch {
  readonly waits: LockWait[] = [];
  readonly #postgres: PostgresServer;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(postgres: PostgresServer) {
    this.#postgres = postgres;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#looking ??= this.#look().finally(() => (this.#looking = null));
    }, everyMs);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#looking;
  }

  async #look(): Promise<void> {
    const rows = await this.#postgres
      .query<{ waitedMs: number; query: string }>(
        `select extract(epoch from clock_timestamp() - query_start)::float8 * 1000 as "waitedMs", query
         from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and application_name <> 'campaign'`,
      )
      .catch(() => []);
    for (const row of rows) this.waits.push({ atMs: Date.now(), ...row, query: row.query.slice(0, 2_000) });
  }
}
