import type { Database } from './database.ts';

/** Whether a worker id is still this process', as far as Postgres knows. */
export async function holdsWorkerId(
  db: Database,
  worker: { id: string; instance: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('workers')
    .select('id')
    .where('id', '=', worker.id)
    .where('instance', '=', worker.instance)
    .executeTakeFirst();
  return row !== undefined;
}
