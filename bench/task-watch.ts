import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';

/** A task that has ended; times in milliseconds since 1970, by Postgres' clock, with microseconds behind the point. */
export interface EndedTask {
  id: string;
  reason: string;
  createdAt: number;
  startedAt: number;
  endedAt: number;
  /** From the moment the code was handed to its child to the child's end, by the worker's clock. */
  durationMs: number;
  /** When the watch saw it, by `performance.now()`: its record is committed. */
  seenAtMs: number;
}

const epochMs = (column: string) => `extract(epoch from t.${column})::float8 * 1000`;
const query = `
  select t.id, t.reason::text as reason, ${epochMs('created_at')} as "createdAt", ${epochMs('started_at')} as "startedAt",
    ${epochMs('ended_at')} as "endedAt", r.duration_ms as "durationMs"
  from tasks t join results r on r.task_id = t.id
  where t.id = any($1::uuid[]) and t.ended_at is not null`;

/** Tells when tasks have ended. Asks Postgres for all that are waited for in one query, and only while some are. */
export class TaskWatch {
  readonly #waiting = new Map<string, PromiseWithResolvers<EndedTask>>();
  readonly #postgres: Pool;
  readonly #everyMs: number;
  #asking = false;

  constructor(postgres: Pool, everyMs: number) {
    this.#postgres = postgres;
    this.#everyMs = everyMs;
  }

  /** Rejects when Postgres does not answer. */
  ended(id: string): Promise<EndedTask> {
    const end = Promise.withResolvers<EndedTask>();
    this.#waiting.set(id, end);
    if (!this.#asking) void this.#ask();
    return end.promise;
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    try {
      while (this.#waiting.size > 0) {
        const { rows } = await this.#postgres.query<EndedTask>(query, [[...this.#waiting.keys()]]);
        const seenAtMs = performance.now();
        for (const row of rows) {
          this.#waiting.get(row.id)?.resolve({ ...row, seenAtMs });
          this.#waiting.delete(row.id);
        }
        await delay(this.#everyMs);
      }
    } catch (error) {
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    } finally {
      this.#asking = false;
    }
  }
}
