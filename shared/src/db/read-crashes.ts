import type { Database } from './database.ts';

/** How often a task was lost together with its worker; 0 for a task that is not there. */
export async function readCrashes(db: Database, taskId: string): Promise<number> {
  const row = await db.selectFrom('tasks').select('crashes').where('id', '=', taskId).executeTakeFirst();
  return row?.crashes ?? 0;
}
