import { sql } from 'kysely';
import type { Dispatch } from '../queue/contract.ts';
import { defaultTimings } from '../model/timings.ts';
import type { Delivery } from './claim-attempts.ts';
import type { Database } from './database.ts';

export interface GivenBackAttempt extends Delivery {
  workerId: string;
  durationMs: number;
}

/**
 * Queues the tasks of attempts that their workers gave back, each with a new attempt that is not charged. The fence
 * holds here too: what is late changes nothing.
 *
 * @returns the attempts to dispatch; the sweep dispatches them if the caller does not
 */
export async function giveBackAttempts(
  db: Database,
  attempts: readonly GivenBackAttempt[],
  { dispatchDelayMs } = defaultTimings,
): Promise<Dispatch[]> {
  const { rows } = await sql<Dispatch>`
    with returned as (
      select distinct on (id, attempt, delivery) *
      from unnest(
        ${attempts.map((a) => a.taskId)}::uuid[],
        ${attempts.map((a) => a.attempt)}::int[],
        ${attempts.map((a) => a.delivery)}::int[],
        ${attempts.map((a) => a.workerId)}::text[],
        ${attempts.map((a) => a.durationMs)}::float8[]
      ) as r (id, attempt, delivery, worker_id, duration_ms)
    ),
    requeued as (
      update tasks t
      set status = 'queued', attempt = t.attempt + 1, delivery = 0, worker_id = null, started_at = null,
        deadline_at = null, queued_at = now(), dispatch_due = now() + ${dispatchDelayMs}::int * interval '1 ms'
      from returned r
      where t.id = r.id and t.attempt = r.attempt and t.delivery = r.delivery and t.status = 'running'
      returning t.id, t.attempt, t.type, r.attempt as given_back_attempt, r.delivery, r.worker_id, r.duration_ms
    ),
    history as (
      update attempts a
      set ended_at = now(), outcome = 'given_back'
      from requeued q
      where a.task_id = q.id and a.attempt = q.given_back_attempt and a.delivery = q.delivery
    ),
    counted as (
      insert into worker_outcomes (worker_id, outcome, count, busy_ms)
      select q.worker_id, 'given_back', count(*), sum(q.duration_ms)
      from requeued q join workers w on w.id = q.worker_id
      group by 1
      order by 1
      on conflict (worker_id, outcome) do update
        set count = worker_outcomes.count + excluded.count, busy_ms = worker_outcomes.busy_ms + excluded.busy_ms
    )
    select id as task_id, attempt, type from requeued`.execute(db);
  return rows;
}
