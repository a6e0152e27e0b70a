import type { RetryPolicy } from '../model/retry.ts';
import type { Status } from '../model/status.ts';
import type { Database } from './database.ts';
import { taskSummaryColumns, type TaskSummaryRow } from './task-columns.ts';

export interface TaskFilter {
  status?: Status | undefined;
  workerId?: string | undefined;
  type?: string | undefined;
  /** Only tasks older than this one: the last id of the page before. */
  before?: string | undefined;
  limit: number;
}

/** A tenant's tasks, newest first, without their results. */
export async function listTasks(
  db: Database,
  tenantId: string,
  filter: TaskFilter,
): Promise<TaskSummaryRow[]> {
  let query = db.selectFrom('tasks').select(taskSummaryColumns).where('tasks.tenantId', '=', tenantId);
  if (filter.status !== undefined) query = query.where('tasks.status', '=', filter.status);
  if (filter.workerId !== undefined) query = query.where('tasks.workerId', '=', filter.workerId);
  if (filter.type !== undefined) query = query.where('tasks.type', '=', filter.type);
  if (filter.before !== undefined) query = query.where('tasks.id', '<', filter.before);
  const rows = await query.orderBy('tasks.id', 'desc').limit(filter.limit).execute();
  return rows.map((row) => ({ ...row, retry: row.retry as RetryPolicy | null }));
}
