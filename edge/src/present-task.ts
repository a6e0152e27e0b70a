import type { AttemptRow, ResultRow, TaskRow } from '@runfleet/shared/db/find-task.ts';
import type { TaskSummaryRow } from '@runfleet/shared/db/task-columns.ts';
import { retryRequestOf } from '@runfleet/shared/model/retry.ts';
import type { Attempt, Task, TaskResult, TaskWithResult } from '@runfleet/shared/model/task.ts';

/** A task's row as the API shows it. */
export function presentTask(row: TaskSummaryRow): Task {
  return {
    id: row.id,
    type: row.type,
    status: row.status,
    reason: row.reason,
    prompt: row.prompt,
    timeout: row.timeoutMs / 1000,
    attempt: row.attempt,
    maxAttempts: row.maxAttempts,
    retry: row.retry === null ? null : retryRequestOf(row.retry),
    retries: row.retries,
    workerId: row.workerId,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

export function presentTaskWithResult(row: TaskRow): TaskWithResult {
  return {
    ...presentTask(row),
    attempts: row.attempts.map(presentAttempt),
    result: row.result === null ? null : presentResult(row.result),
  };
}

function presentAttempt({ startedAt, endedAt, ...attempt }: AttemptRow): Attempt {
  // Within JSON, Postgres writes times in its own way.
  const iso = (time: string) => new Date(time).toISOString();
  return { ...attempt, startedAt: iso(startedAt), endedAt: endedAt === null ? null : iso(endedAt) };
}

function presentResult(row: ResultRow): TaskResult {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    stdout: utf8.decode(row.stdout),
    stderr: utf8.decode(row.stderr),
    exitCode: row.exitCode,
    signal: row.signal,
    killedBy: row.killedBy,
    limit: row.limitName,
    durationMs: row.durationMs,
    cpuMs: row.cpuMs,
    memoryPeakBytes: row.memoryPeakBytes,
    queueMs: row.queueMs,
    timings: timingsOf(row),
    stdoutBytes: row.stdoutBytes,
    stderrBytes: row.stderrBytes,
    stdoutTruncated: row.stdoutDroppedBytes > 0,
    stderrTruncated: row.stderrDroppedBytes > 0,
    stdoutDroppedBytes: row.stdoutDroppedBytes,
    stderrDroppedBytes: row.stderrDroppedBytes,
    // An error that was recorded by a version before this one has no cause.
    error: row.error === null ? null : { ...row.error, cause: row.error.cause ?? null },
    value: row.value,
    valueNote: row.valueNote,
    isolation: row.isolation,
  };
}

function timingsOf({ prepareMs, runMs, collectMs }: ResultRow): TaskResult['timings'] {
  return prepareMs === null || runMs === null || collectMs === null ? null : { prepareMs, runMs, collectMs };
}
