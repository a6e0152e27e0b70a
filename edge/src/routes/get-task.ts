import { findTask } from '@runfleet/shared/db/find-task.ts';
import type { Context } from 'hono';
import { z } from 'zod';
import type { EdgeContext } from '../context.ts';
import { presentTaskWithResult } from '../present-task.ts';
import { ProblemError } from '../problem.ts';

const taskIdSchema = z.uuid();

/** `GET /tasks/:id`: one request to Postgres. */
export async function getTask(c: Context<EdgeContext>): Promise<Response> {
  const id = taskIdSchema.safeParse(c.req.param('id'));
  if (!id.success) throw new ProblemError('invalid_task_id');
  const task = await findTask(c.get('db'), c.get('tenantId'), id.data);
  if (task === null) throw new ProblemError('task_not_found');
  return c.json(presentTaskWithResult(task));
}
