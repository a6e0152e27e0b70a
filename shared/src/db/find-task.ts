import { sql } from 'kysely';
import type { TaskError } from '../model/outcome.ts';
import type { Database } from './database.ts';
import { taskSummaryColumns, type TaskSummaryRow } from './task-columns.ts';

export interface TaskRow extends TaskSummaryRow {
  result: ResultRow | null;
}

export interface ResultRow {
  exitCode: number | null;
  signal: string | null;
  durationMs: number;
  stdout: Uint8Array;
  stderr: Uint8Array;
  stdoutBytes: number;
  stderrBytes: number;
  stdoutDroppedBytes: number;
  stderrDroppedBytes: number;
  error: TaskError | null;
}

/** One task of a tenant with its result, if it has one; null when the tenant has no such task. */
export async function findTask(db: Database, tenantId: string, id: string): Promise<TaskRow | null> {
  const row = await db
    .selectFrom('tasks')
    .leftJoin('results', 'results.taskId', 'tasks.id')
    .select(taskSummaryColumns)
    .select([
      'results.taskId as resultOf',
      'results.exitCode',
      'results.signal',
      'results.durationMs',
      'results.stdout',
      'results.stderr',
      'results.error',
      // Byte counts fit a double exactly; int8 would arrive as text.
      sql<number>`results.stdout_bytes::float8`.as('stdoutBytes'),
      sql<number>`results.stderr_bytes::float8`.as('stderrBytes'),
      sql<number>`results.stdout_dropped_bytes::float8`.as('stdoutDroppedBytes'),
      sql<number>`results.stderr_dropped_bytes::float8`.as('stderrDroppedBytes'),
    ])
    .where('tasks.tenantId', '=', tenantId)
    .where('tasks.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { resultOf, ...columns } = row;
  // Every result column is not null in a row of `results`, but for those that ResultRow lets be null.
  return { ...columns, result: resultOf === null ? null : (columns as unknown as ResultRow) };
}
