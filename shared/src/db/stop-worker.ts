import { sql } from 'kysely';
import type { Database } from './database.ts';

/** Notes that a worker process has stopped of its own will, unless another process has its id by now. */
export async function stopWorker(db: Database, worker: { id: string; instance: string }): Promise<void> {
  await db
    .updateTable('workers')
    .set({ status: 'stopped', endedAt: sql`now()`, lastBeatAt: sql`now()`, suspectedAt: null })
    .where('id', '=', worker.id)
    .where('instance', '=', worker.instance)
    .execute();
}
