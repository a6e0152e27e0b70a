import { listTasks as selectTasks } from '@runfleet/shared/db/list-tasks.ts';
import { statuses } from '@runfleet/shared/model/status.ts';
import { workerIdPattern } from '@runfleet/shared/queue/contract.ts';
import type { Context } from 'hono';
import { z } from 'zod';
import type { EdgeContext } from '../context.ts';
import { presentTask } from '../present-task.ts';
import { ProblemError } from '../problem.ts';

const defaultPageSize = 50;
const maxPageSize = 200;

/** `GET /tasks`: newest first; one request to Postgres. */
export async function listTasks(c: Context<EdgeContext>): Promise<Response> {
  const query = z
    .strictObject({
      status: z.enum(statuses).optional(),
      worker: z.string().regex(workerIdPattern).optional(),
      type: z.enum(c.get('settings').types).optional(),
      limit: z.coerce.number().int().min(1).max(maxPageSize).default(defaultPageSize),
      cursor: z.uuid().optional(),
    })
    .safeParse(c.req.query());
  if (!query.success) {
    const errors = query.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    throw new ProblemError('invalid_query', { errors: errors.slice(0, 20) });
  }
  const { status, worker, type, limit, cursor } = query.data;
  // One row more than asked for tells whether there is another page.
  const filter = { status, workerId: worker, type, before: cursor, limit: limit + 1 };
  const rows = await selectTasks(c.get('db'), c.get('tenantId'), filter);
  const page = rows.slice(0, limit);
  const nextCursor = rows.length > limit ? (page.at(-1)?.id ?? null) : null;
  return c.json({ tasks: page.map(presentTask), nextCursor });
}
