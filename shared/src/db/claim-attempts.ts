import { sql } from 'kysely';
import type { TaskInput } from '../model/task-input.ts';
import type { LimitsRequest } from '../model/task-limits.ts';
import { defaultTimings } from '../model/timings.ts';
import type { Database } from './database.ts';

/** One hand-out of an attempt's job to a worker; with the task's id, this is the fence. */
export interface Delivery {
  taskId: string;
  attempt: number;
  delivery: number;
}

export interface ClaimedAttempt extends Delivery {
  code: string;
  timeoutMs: number;
  /** Null when the code is given nothing beside itself. */
  input: TaskInput | null;
  /** What its submission asked for; null for nothing. */
  limits: LimitsRequest | null;
}

/**
 * Makes attempts a worker's own, all in one statement, and returns what each is to run. What is missing from the answer
 * could not be claimed: the task has ended, has expired before it ever started, has a newer attempt, or was handed out
 * again since; its job is dropped. A delivery that is taken over by a later one is lost for its worker.
 *
 * A claim that is made a second time, because its answer was lost, is answered again. A process that has lost its worker
 * id to another claims nothing. One that was taken for lost is live again.
 */
export async function claimAttempts(
  db: Database,
  worker: { id: string; instance: string },
  deliveries: readonly Delivery[],
  { deadlineGraceMs } = defaultTimings,
): Promise<ClaimedAttempt[]> {
  const { rows } = await sql<ClaimedAttempt>`
    with wanted as (
      select distinct on (id, attempt) *
      from unnest(
        ${deliveries.map((d) => d.taskId)}::uuid[],
        ${deliveries.map((d) => d.attempt)}::int[],
        ${deliveries.map((d) => d.delivery)}::int[]
      ) as w (id, attempt, delivery)
      order by id, attempt, delivery desc
    ),
    claimed as (
      update tasks t
      set status = 'running', delivery = w.delivery, worker_id = workers.id, dispatch_due = null,
        started_at = case when t.delivery = w.delivery then t.started_at else now() end,
        deadline_at = case when t.delivery = w.delivery then t.deadline_at
          else now() + (t.timeout_ms + ${deadlineGraceMs}::int) * interval '1 ms' end
      from wanted w, workers
      where t.id = w.id and t.attempt = w.attempt
        and (
          (t.status = 'queued' and (t.attempt > 1 or t.expires_at is null or t.expires_at > now()))
          or (t.status = 'running' and t.delivery < w.delivery)
          or (t.status = 'running' and t.delivery = w.delivery and t.worker_id = workers.id)
        )
        and workers.id = ${worker.id} and workers.instance = ${worker.instance}
      returning t.id, t.attempt, t.delivery, t.code, t.timeout_ms, t.input, t.limits
    ),
    history as (
      insert into attempts (task_id, attempt, delivery, worker_id)
      select id, attempt, delivery, ${worker.id} from claimed
      on conflict (task_id, attempt, delivery) do nothing
      returning 1
    ),
    superseded as (
      update attempts a
      set ended_at = now(), outcome = 'lost'
      from claimed c
      where a.task_id = c.id and a.attempt = c.attempt and a.delivery < c.delivery and a.outcome is null
      returning a.worker_id
    ),
    counted_as_lost as (
      insert into worker_outcomes (worker_id, outcome, count)
      select s.worker_id, 'lost', count(*)
      from superseded s join workers w on w.id = s.worker_id
      group by 1
      order by 1
      on conflict (worker_id, outcome) do update set count = worker_outcomes.count + excluded.count
    ),
    counted as (
      update workers
      set claimed = claimed + (select count(*) from history), status = 'live', suspected_at = null, ended_at = null
      where id = ${worker.id} and instance = ${worker.instance}
    )
    select id as task_id, attempt, delivery, code, timeout_ms, input, limits from claimed`.execute(db);
  return rows;
}
