import type { Dispatch } from '../queue/contract.ts';
import type { Database } from './database.ts';

/** This attempt as it is to be dispatched, if it still waits to be claimed; null when it has been, or the task has moved on. */
export async function findQueuedAttempt(
  db: Database,
  taskId: string,
  attempt: number,
): Promise<Dispatch | null> {
  const row = await db
    .selectFrom('tasks')
    .select(['id as taskId', 'attempt', 'type'])
    .where('id', '=', taskId)
    .where('attempt', '=', attempt)
    .where('status', '=', 'queued')
    .executeTakeFirst();
  return row ?? null;
}
