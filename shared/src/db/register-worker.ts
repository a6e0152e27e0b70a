import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { WorkerStatus } from './schema.ts';

export interface WorkerRegistration {
  id: string;
  /** A UUID of this process' own. */
  instance: string;
  type: string;
  host: string;
  pid: number;
  version: string;
  concurrency: number;
}

/**
 * Gives a worker id to this process. The totals of the id go on; whoever held it before can no longer claim.
 *
 * @returns how the process before it left the id; null when it is a new one
 */
export async function registerWorker(db: Database, worker: WorkerRegistration): Promise<WorkerStatus | null> {
  const { before } = await db
    .with('before', (query) => query.selectFrom('workers').select('status').where('id', '=', worker.id))
    .insertInto('workers')
    .values(worker)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        ...worker,
        status: 'live',
        registeredAt: sql`now()`,
        lastBeatAt: sql`now()`,
        suspectedAt: null,
        endedAt: null,
      }),
    )
    .returning((row) => row.selectFrom('before').select('status').as('before'))
    .executeTakeFirstOrThrow();
  return before;
}
