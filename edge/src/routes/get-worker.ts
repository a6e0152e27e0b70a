import { listWorkers } from '@runfleet/shared/db/list-workers.ts';
import { workerIdPattern } from '@runfleet/shared/queue/contract.ts';
import type { Context } from 'hono';
import type { EdgeContext } from '../context.ts';
import { presentWorker } from '../present-worker.ts';
import { ProblemError } from '../problem.ts';
import { readHeartbeats } from '../read-heartbeats.ts';

/** `GET /workers/:id`: one request to Postgres, one to Redis. */
export async function getWorker(c: Context<EdgeContext>): Promise<Response> {
  const id = c.req.param('id') ?? '';
  if (!workerIdPattern.test(id)) throw new ProblemError('invalid_worker_id');
  const [row] = await listWorkers(c.get('db'), c.get('tenantId'), id);
  if (row === undefined) throw new ProblemError('worker_not_found');
  const [beat] = await readHeartbeats(c.get('redis'), [id]);
  return c.json(presentWorker(row, beat ?? null));
}
