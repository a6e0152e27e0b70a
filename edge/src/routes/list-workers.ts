import { listWorkers as selectWorkers } from '@runfleet/shared/db/list-workers.ts';
import type { Context } from 'hono';
import type { EdgeContext } from '../context.ts';
import { presentWorker } from '../present-worker.ts';
import { readHeartbeats } from '../read-heartbeats.ts';

/** `GET /workers`: who there is, by Postgres, and who beats, by Redis; one request to each. */
export async function listWorkers(c: Context<EdgeContext>): Promise<Response> {
  const rows = await selectWorkers(c.get('db'), c.get('tenantId'));
  const beats = await readHeartbeats(
    c.get('redis'),
    rows.map((row) => row.id),
  );
  return c.json({ workers: rows.map((row, index) => presentWorker(row, beats[index] ?? null)) });
}
