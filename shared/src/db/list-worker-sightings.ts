import { sql } from 'kysely';
import type { WorkerSighting } from '../decide/worker-liveness.ts';
import type { Database } from './database.ts';

/** What Postgres knows of the workers that have not stopped; the heartbeats are still to be added. */
export async function listWorkerSightings(db: Database): Promise<Omit<WorkerSighting, 'beatInstance'>[]> {
  const rows = await db
    .selectFrom('workers')
    .select([
      'id',
      'instance',
      'status',
      sql<number | null>`extract(epoch from now() - suspected_at)::float8 * 1000`.as('suspectedForMs'),
      sql<number>`extract(epoch from now() - registered_at)::float8 * 1000`.as('registeredForMs'),
    ])
    .where('status', 'in', ['live', 'lost'])
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ ...row, status: row.status === 'lost' ? 'lost' : 'live' }));
}
