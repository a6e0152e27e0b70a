import { sql } from 'kysely';
import { attemptsShown } from '../model/limits.ts';
import type { IsolationReport, Killer, LimitName, TaskError } from '../model/outcome.ts';
import type { RetryPolicy } from '../model/retry.ts';
import type { Database } from './database.ts';
import type { AttemptOutcome } from './schema.ts';
import { taskSummaryColumns, type TaskSummaryRow } from './task-columns.ts';

export interface TaskRow extends TaskSummaryRow {
  /** Oldest first. */
  attempts: AttemptRow[];
  result: ResultRow | null;
}

/** Times as Postgres writes them in JSON. */
export interface AttemptRow {
  attempt: number;
  workerId: string;
  startedAt: string;
  endedAt: string | null;
  outcome: AttemptOutcome | null;
}

export interface ResultRow {
  exitCode: number | null;
  signal: string | null;
  killedBy: Killer | null;
  limitName: LimitName | null;
  durationMs: number;
  cpuMs: number | null;
  memoryPeakBytes: number | null;
  /** From when the attempt was queued to when it was claimed. */
  queueMs: number | null;
  /** All three, or none for a result of an older version. */
  prepareMs: number | null;
  runMs: number | null;
  collectMs: number | null;
  stdout: Uint8Array;
  stderr: Uint8Array;
  stdoutBytes: number;
  stderrBytes: number;
  stdoutDroppedBytes: number;
  stderrDroppedBytes: number;
  error: TaskError | null;
  /** Parsed. */
  value: unknown;
  valueNote: string | null;
  isolation: IsolationReport | null;
}

/** One task of a tenant with its attempts, and its result if it has one; null when the tenant has no such task. */
export async function findTask(db: Database, tenantId: string, id: string): Promise<TaskRow | null> {
  const row = await db
    .selectFrom('tasks')
    .leftJoin('results', 'results.taskId', 'tasks.id')
    .select(taskSummaryColumns)
    .select([
      'results.taskId as resultOf',
      'results.exitCode',
      'results.signal',
      'results.killedBy',
      'results.limitName',
      'results.durationMs',
      'results.cpuMs',
      'results.prepareMs',
      'results.runMs',
      'results.collectMs',
      'results.stdout',
      'results.stderr',
      'results.error',
      'results.value',
      'results.valueNote',
      'results.isolation',
      // Byte counts fit a double exactly; int8 would arrive as text.
      sql<number | null>`results.memory_peak_bytes::float8`.as('memoryPeakBytes'),
      sql<number>`results.stdout_bytes::float8`.as('stdoutBytes'),
      sql<number>`results.stderr_bytes::float8`.as('stderrBytes'),
      sql<number>`results.stdout_dropped_bytes::float8`.as('stdoutDroppedBytes'),
      sql<number>`results.stderr_dropped_bytes::float8`.as('stderrDroppedBytes'),
      // A claim's clock may have been read a moment before the insert's that it waited for.
      sql<number | null>`case when tasks.queued_at is not null then
        greatest(0, extract(epoch from tasks.started_at - tasks.queued_at)::float8 * 1000) end`.as('queueMs'),
      // A task that is given back again and again has no bound.
      sql<AttemptRow[]>`(
        select coalesce(json_agg(json_build_object('attempt', attempt, 'workerId', worker_id, 'startedAt', started_at,
          'endedAt', ended_at, 'outcome', outcome) order by attempt, delivery), '[]')
        from (
          select * from attempts where task_id = tasks.id
          order by attempt desc, delivery desc
          limit ${attemptsShown}
        ) latest
      )`.as('attempts'),
    ])
    .where('tasks.tenantId', '=', tenantId)
    .where('tasks.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { resultOf, ...columns } = row;
  return {
    ...columns,
    retry: columns.retry as RetryPolicy | null,
    // Every result column is not null in a row of `results`, but for those that ResultRow lets be null.
    result: resultOf === null ? null : (columns as unknown as ResultRow),
  };
}
