import { sql } from 'kysely';
import { internalRetryDelayMs, maxRetryDelayMs } from '../model/limits.ts';
import type { EndedOutcome } from '../model/outcome.ts';
import { defaultTimings } from '../model/timings.ts';
import type { Dispatch } from '../queue/contract.ts';
import type { Delivery } from './claim-attempts.ts';
import type { Database } from './database.ts';

export interface EndedAttempt extends Delivery {
  workerId: string;
  outcome: EndedOutcome;
}

export interface RecordedAttempt extends Delivery {
  /** The attempt that follows it, if its task is tried again; the sweep dispatches it if the caller does not. */
  next?: Dispatch;
}

interface RecordedRow extends Delivery {
  type: string;
  nextAttempt: number | null;
  delayMs: number;
}

/**
 * Writes outcomes, all in one statement: the attempt's history is closed, the worker's totals grow, and the task either
 * ends, with the outcome as its result, or is queued again, as `decide/after-outcome.ts` has it. Only the holder of the
 * fence is written; a late outcome changes nothing but its own attempt's history and the count of late ones.
 *
 * @returns the fences that held; an outcome that is not among them was late, or recorded before
 */
export async function recordOutcomes(
  db: Database,
  ended: readonly EndedAttempt[],
  { dispatchDelayMs } = defaultTimings,
): Promise<RecordedAttempt[]> {
  const utf8 = new TextEncoder();
  const column = <T>(read: (outcome: EndedOutcome) => T): T[] => ended.map(({ outcome }) => read(outcome));
  const { rows } = await sql<RecordedRow>`
    with reported as (
      select distinct on (id, attempt, delivery) *
      from unnest(
        ${ended.map((e) => e.taskId)}::uuid[],
        ${ended.map((e) => e.attempt)}::int[],
        ${ended.map((e) => e.delivery)}::int[],
        ${ended.map((e) => e.workerId)}::text[],
        ${column((o) => o.reason)}::end_reason[],
        ${column((o) => o.exitCode)}::int[],
        ${column((o) => o.signal)}::text[],
        ${column((o) => o.durationMs)}::float8[],
        ${column((o) => Buffer.from(utf8.encode(o.stdout.text)))}::bytea[],
        ${column((o) => Buffer.from(utf8.encode(o.stderr.text)))}::bytea[],
        ${column((o) => o.stdout.bytes)}::bigint[],
        ${column((o) => o.stderr.bytes)}::bigint[],
        ${column((o) => o.stdout.droppedBytes)}::bigint[],
        ${column((o) => o.stderr.droppedBytes)}::bigint[],
        ${column((o) => (o.error === null ? null : JSON.stringify(o.error)))}::json[],
        ${column((o) => o.killedBy)}::killer[],
        ${column((o) => o.limit)}::limit_name[],
        ${column((o) => o.cpuMs)}::float8[],
        ${column((o) => o.memoryPeakBytes)}::bigint[],
        ${column((o) => o.timings.prepareMs)}::float8[],
        ${column((o) => o.timings.runMs)}::float8[],
        ${column((o) => o.timings.collectMs)}::float8[],
        ${column((o) => (o.value !== null && 'json' in o.value ? o.value.json : null))}::json[],
        ${column((o) => (o.value !== null && 'note' in o.value ? o.value.note : null))}::text[],
        ${column((o) => JSON.stringify(o.isolation))}::json[]
      ) as r (
        id, attempt, delivery, worker_id, reason, exit_code, signal, duration_ms, stdout, stderr,
        stdout_bytes, stderr_bytes, stdout_dropped_bytes, stderr_dropped_bytes, error, killed_by, limit_name,
        cpu_ms, memory_peak_bytes, prepare_ms, run_ms, collect_ms, value, value_note, isolation
      )
    ),
    held as (
      select t.id, t.attempt, t.delivery, t.type, r.reason,
        t.losses + (r.reason = 'internal')::int as losses,
        case
          when r.reason = 'internal' then case when t.losses + 1 < t.max_attempts then 'loss' end
          when t.retry -> 'on' @> to_jsonb(r.reason::text) and t.retries < (t.retry ->> 'limit')::int then 'retry'
        end as charge,
        least(
          case
            when r.reason = 'internal' then ${internalRetryDelayMs}::float8 * 2 ^ t.losses
            when t.retry ->> 'backoff' = 'exponential' then (t.retry ->> 'delayMs')::float8 * 2 ^ t.retries
            else (t.retry ->> 'delayMs')::float8
          end,
          ${maxRetryDelayMs}::float8
        ) as delay_ms
      from reported r join tasks t using (id, attempt, delivery)
      where t.status = 'running'
      order by t.id -- one lock order for recorders that write at once
      for update of t
    ),
    ended as (
      update tasks t
      set status = (case when h.reason = 'ok' then 'completed' else 'failed' end)::task_status, reason = h.reason,
        losses = h.losses, ended_at = now(), deadline_at = null
      from held h
      where t.id = h.id and h.charge is null
      returning t.id, t.attempt, t.delivery
    ),
    requeued as (
      update tasks t
      set status = 'queued', attempt = t.attempt + 1, delivery = 0, worker_id = null, started_at = null,
        deadline_at = null, losses = h.losses, retries = t.retries + (h.charge = 'retry')::int,
        queued_at = now() + h.delay_ms * interval '1 ms',
        dispatch_due = now() + (h.delay_ms + ${dispatchDelayMs}::int) * interval '1 ms'
      from held h
      where t.id = h.id and h.charge is not null
      returning t.id, t.attempt
    ),
    stored as (
      insert into results (task_id, exit_code, signal, duration_ms, stdout, stderr,
        stdout_bytes, stderr_bytes, stdout_dropped_bytes, stderr_dropped_bytes, error, killed_by, limit_name,
        cpu_ms, memory_peak_bytes, prepare_ms, run_ms, collect_ms, value, value_note, isolation)
      select id, exit_code, signal, duration_ms, stdout, stderr,
        stdout_bytes, stderr_bytes, stdout_dropped_bytes, stderr_dropped_bytes, error, killed_by, limit_name,
        cpu_ms, memory_peak_bytes, prepare_ms, run_ms, collect_ms, value, value_note, isolation
      from reported join ended using (id, attempt, delivery)
    ),
    history as (
      update attempts a
      set ended_at = coalesce(a.ended_at, now()),
        outcome = case when h.id is null then 'late' else r.reason::text::attempt_outcome end
      from reported r left join held h using (id, attempt, delivery)
      where a.task_id = r.id and a.attempt = r.attempt and a.delivery = r.delivery
        -- An outcome that comes a second time, because its recorder died before it acknowledged, is not late.
        and (a.outcome is null or a.outcome = 'lost')
      returning r.worker_id, a.outcome, r.duration_ms
    ),
    counted as (
      insert into worker_outcomes (worker_id, outcome, count, busy_ms)
      select h.worker_id, h.outcome, count(*), sum(case h.outcome when 'late' then 0 else h.duration_ms end)
      from history h join workers w on w.id = h.worker_id
      group by 1, 2
      order by 1, 2 -- as above
      on conflict (worker_id, outcome) do update
        set count = worker_outcomes.count + excluded.count, busy_ms = worker_outcomes.busy_ms + excluded.busy_ms
    )
    select h.id as task_id, h.attempt, h.delivery, h.type, n.attempt as next_attempt, h.delay_ms
    from held h left join requeued n using (id)`.execute(db);
  return rows.map(({ type, nextAttempt, delayMs, ...fence }) =>
    nextAttempt === null
      ? fence
      : { ...fence, next: { taskId: fence.taskId, attempt: nextAttempt, type, delayMs } },
  );
}
