import { sql } from 'kysely';
import { idempotencyKeyLifeMs } from '../model/limits.ts';
import type { RetryPolicy } from '../model/retry.ts';
import type { TaskInput } from '../model/task-input.ts';
import type { LimitsRequest } from '../model/task-limits.ts';
import { defaultTimings } from '../model/timings.ts';
import type { Database } from './database.ts';
import { taskSummaryColumns, type TaskSummaryRow } from './task-columns.ts';

export interface NewTask {
  /** UUIDv7, so that ids sort by time. */
  id: string;
  tenantId: string;
  type: string;
  code: string;
  prompt: string | null;
  timeoutMs: number;
  maxAttempts: number;
  /** Null when it may be started at any time. */
  expiresInMs: number | null;
  /** Null when a failure of the code ends it. */
  retry: RetryPolicy | null;
  /** Null when the code is given nothing beside itself. */
  input: TaskInput | null;
  /** Null when none is asked for. */
  limits: LimitsRequest | null;
}

/** On what terms a task is accepted. */
export interface Admission {
  /** The client's name for this submission, and the SHA-256 of what it submitted; null when it gave none. */
  idempotency: { key: string; bodyHash: Uint8Array } | null;
  /** No task is accepted beyond this many unfinished ones of its tenant; submissions at the same moment may be. */
  maxUnfinishedOfTenant: number;
  /** The same of all tenants together; 0: there is known to be no room; null: there is known to be some. */
  maxUnfinished: number | null;
}

export type Submitted = (
  | { kind: 'accepted'; task: TaskSummaryRow }
  /** The key was used for the same submission: this is its task as it is now. */
  | { kind: 'replayed'; task: TaskSummaryRow }
  /** The key was used for another submission. */
  | { kind: 'key_reused' }
  | { kind: 'refused'; full: 'tenant' | 'system' }
) & {
  /** Whether the whole system is full; null when that was not looked at. */
  systemFull: boolean | null;
};

type SubmittedRow = {
  tenantFull: boolean | null;
  systemFull: boolean | null;
  keyTaskId: string | null;
  keyCreatedAt: Date | null;
  sameBody: boolean | null;
} & (TaskSummaryRow | { [column in keyof TaskSummaryRow]: null });

const anybody: Admission = {
  idempotency: null,
  maxUnfinishedOfTenant: 2 ** 31 - 1,
  maxUnfinished: null,
};

/**
 * Accepts a task, unless there is no room for it or its idempotency key is known: one statement, so that nothing is ever
 * half done. Of submissions with one key that race, one inserts its task; the others wait for it and answer with it.
 *
 * The task is due for dispatch a few seconds later, so an enqueue that never happens is made up for by the sweep; the
 * claim clears that.
 */
export async function insertTask(
  db: Database,
  task: NewTask,
  { idempotency, maxUnfinishedOfTenant, maxUnfinished }: Admission = anybody,
  { dispatchDelayMs } = defaultTimings,
): Promise<Submitted> {
  const key = idempotency?.key ?? null;
  const bodyHash = idempotency === null ? null : Buffer.from(idempotency.bodyHash);
  const keysLife = sql`${idempotencyKeyLifeMs}::float8 * interval '1 ms'`;
  const isStale = sql`k.created_at <= now() - ${keysLife}`;
  const columns = sql.join(taskSummaryColumns.map((column) => sql.ref(column)));
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  // Both look no further than their limit, in an index of what is unfinished.
  const tenantFull = sql`(
    select count(*) from (
      select from tasks
      where tenant_id = ${task.tenantId} and status in ('queued', 'running')
      limit ${maxUnfinishedOfTenant}
    ) t
  ) >= ${maxUnfinishedOfTenant}`;
  const systemFull =
    maxUnfinished === null
      ? sql`null::boolean`
      : sql`(
    select count(*) from (
      select from tasks where status in ('queued', 'running') limit ${maxUnfinished}
    ) t
  ) >= ${maxUnfinished}`;

  const { rows } = await sql<SubmittedRow>`
    with known as (
      select k.task_id, k.body_hash, k.created_at
      from idempotency_keys k
      where k.tenant_id = ${task.tenantId} and k.key = ${key}::text and not (${isStale})
    ),
    backlog as (
      select ${tenantFull} as tenant_full, ${systemFull} as system_full
      where not exists (select from known)
    ),
    room as (
      select from backlog where not tenant_full and system_full is not true
    ),
    kept as (
      insert into idempotency_keys as k (tenant_id, key, body_hash, task_id)
      select ${task.tenantId}, ${key}::text, ${bodyHash}::bytea, ${task.id}::uuid
      from room
      where ${key}::text is not null
      -- A key that came since this statement began is answered with; one past its life is taken over.
      on conflict (tenant_id, key) do update
        set body_hash = case when ${isStale} then excluded.body_hash else k.body_hash end,
          task_id = case when ${isStale} then excluded.task_id else k.task_id end,
          created_at = case when ${isStale} then excluded.created_at else k.created_at end
      returning k.task_id, k.body_hash, k.created_at
    ),
    accepted as (
      insert into tasks (id, tenant_id, type, code, prompt, timeout_ms, max_attempts, expires_at, retry, input, limits,
        dispatch_due)
      select ${task.id}::uuid, ${task.tenantId}, ${task.type}, ${task.code}, ${task.prompt}, ${task.timeoutMs}::int,
        ${task.maxAttempts}::int, now() + ${task.expiresInMs}::float8 * interval '1 ms', ${json(task.retry)}::jsonb,
        ${json(task.input)}::json, ${json(task.limits)}::json, now() + ${dispatchDelayMs}::int * interval '1 ms'
      from room
      where ${key}::text is null or exists (select from kept where task_id = ${task.id}::uuid)
      returning *
    ),
    holder as (
      select * from known union all select * from kept
    )
    select b.tenant_full, b.system_full, h.task_id as key_task_id, h.created_at as key_created_at,
      h.body_hash = ${bodyHash}::bytea as same_body, ${columns}
    from (select) one
      left join backlog b on true
      left join holder h on true
      left join lateral (
        select * from accepted union all select * from tasks where tasks.id = h.task_id
      ) tasks on true`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('Postgres answered without a row');
  return { ...readAnswer(row, task), systemFull: row.systemFull };
}

function readAnswer(row: SubmittedRow, task: NewTask) {
  const { tenantFull, systemFull: _, keyTaskId, keyCreatedAt, sameBody, ...summary } = row;
  if (summary.id === task.id) return { kind: 'accepted' as const, task: summary };
  if (keyTaskId === null || keyCreatedAt === null) {
    return { kind: 'refused' as const, full: tenantFull ? ('tenant' as const) : ('system' as const) };
  }
  if (!sameBody) return { kind: 'key_reused' as const };
  return {
    kind: 'replayed' as const,
    task: summary.id === null ? asAccepted({ ...task, id: keyTaskId }, keyCreatedAt) : summary,
  };
}

/**
 * A task that another submission inserted while this one waited for its key. The statement cannot see its row, because
 * it sees Postgres as it was when it began, but it is the task that this submission would have inserted.
 */
function asAccepted(task: NewTask, createdAt: Date): TaskSummaryRow {
  const { id, type, prompt, timeoutMs, maxAttempts, retry, expiresInMs } = task;
  return {
    id,
    type,
    prompt,
    timeoutMs,
    maxAttempts,
    retry,
    retries: 0,
    status: 'queued',
    reason: null,
    attempt: 1,
    workerId: null,
    createdAt,
    expiresAt: expiresInMs === null ? null : new Date(createdAt.getTime() + expiresInMs),
    startedAt: null,
    endedAt: null,
  };
}
