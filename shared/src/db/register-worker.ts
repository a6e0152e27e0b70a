import { sql } from 'kysely';
import type { Database } from './database.ts';

export interface WorkerRegistration {
  id: string;
  instance: string;
  type: string;
  host: string;
  pid: number;
  version: string;
  concurrency: number;
}

/** Gives a worker id to this process. The totals of the id go on; whoever held it before can no longer claim. */
export async function registerWorker(db: Database, worker: WorkerRegistration): Promise<void> {
  await db
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
    .execute();
}
