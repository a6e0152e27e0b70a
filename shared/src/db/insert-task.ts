import { sql } from 'kysely';
import type { TaskInput } from '../model/task-input.ts';
import type { LimitsRequest } from '../model/task-limits.ts';
import { defaultTimings } from '../model/timings.ts';
import type { Database } from './database.ts';

export interface NewTask {
  /** UUIDv7, so that ids sort by time. */
  id: string;
  tenantId: string;
  type: string;
  code: string;
  prompt: string | null;
  timeoutMs: number;
  maxAttempts: number;
  /** Null when the code is given nothing beside itself. */
  input: TaskInput | null;
  /** Null when none is asked for. */
  limits: LimitsRequest | null;
}

/**
 * Accepts a task. It is due for dispatch a few seconds later, so an enqueue that never happens is made up for by the
 * sweep; the claim clears that.
 *
 * @returns when it was accepted, by Postgres' clock
 */
export async function insertTask(
  db: Database,
  task: NewTask,
  { dispatchDelayMs } = defaultTimings,
): Promise<Date> {
  const row = await db
    .insertInto('tasks')
    .values({
      ...task,
      input: task.input === null ? null : JSON.stringify(task.input),
      limits: task.limits === null ? null : JSON.stringify(task.limits),
      dispatchDue: sql`now() + ${dispatchDelayMs} * interval '1 ms'`,
    })
    .returning('createdAt')
    .executeTakeFirstOrThrow();
  return row.createdAt;
}
