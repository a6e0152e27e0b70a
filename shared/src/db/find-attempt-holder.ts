import type { Database } from './database.ts';

/** The worker that runs this attempt now; null when nobody does, or the task has moved on. */
export async function findAttemptHolder(
  db: Database,
  taskId: string,
  attempt: number,
): Promise<string | null> {
  const row = await db
    .selectFrom('tasks')
    .select('workerId')
    .where('id', '=', taskId)
    .where('attempt', '=', attempt)
    .where('status', '=', 'running')
    .executeTakeFirst();
  return row?.workerId ?? null;
}
