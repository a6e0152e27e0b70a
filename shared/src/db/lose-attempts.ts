import { sql, type RawBuilder } from 'kysely';
import { crashLimit } from '../model/limits.ts';
import type { Reason } from '../model/status.ts';
import type { Database } from './database.ts';

/** Which running attempts are lost. */
export type LossTarget =
  /** Those of workers that were found gone. */
  | { kind: 'of_lost_workers' }
  /** Those that are this much past their deadline. */
  | { kind: 'overdue'; patienceMs: number }
  /** Those of one worker id, whose process before this one is dead. */
  | { kind: 'of_worker'; workerId: string }
  /** This one: the queue found its job abandoned. */
  | { kind: 'attempt'; taskId: string; attempt: number };

export interface LostAttempt {
  taskId: string;
  type: string;
  /** The attempt to dispatch when the task is queued again; the last one when it has ended. */
  attempt: number;
  status: 'queued' | 'failed';
  reason: Extract<Reason, 'worker_lost' | 'poisoned'> | null;
}

/**
 * Mints a new attempt for each lost one, or ends its task, in one statement that decides as `decide/after-loss.ts`
 * does. Rows that another sweep holds are left to it.
 *
 * @param crash whether the attempts were lost with their worker, which counts towards poison
 * @param limit how many at most
 */
export async function loseAttempts(
  db: Database,
  target: LossTarget,
  { crash, limit }: { crash: boolean; limit: number },
): Promise<LostAttempt[]> {
  const { rows } = await sql<LostAttempt>`
    with victim as (
      select id, attempt, delivery, worker_id, max_attempts, losses + 1 as losses,
        crashes + ${crash ? 1 : 0}::int as crashes
      from tasks t
      where t.status = 'running' and ${condition(target)}
      limit ${limit}
      for update skip locked
    ),
    verdict as (
      select *, (case when crashes >= ${crashLimit}::int then 'poisoned'
        when losses >= max_attempts then 'worker_lost' end)::end_reason as reason
      from victim
    ),
    requeued as (
      update tasks t
      set status = 'queued', attempt = t.attempt + 1, delivery = 0, losses = v.losses, crashes = v.crashes,
        worker_id = null, started_at = null, deadline_at = null, queued_at = now(), dispatch_due = now()
      from verdict v
      where t.id = v.id and v.reason is null
      returning t.id, t.type, t.attempt, t.status, t.reason
    ),
    failed as (
      update tasks t
      set status = 'failed', reason = v.reason, losses = v.losses, crashes = v.crashes, deadline_at = null,
        ended_at = now()
      from verdict v
      where t.id = v.id and v.reason is not null
      returning t.id, t.type, t.attempt, t.status, t.reason
    ),
    history as (
      update attempts a
      set ended_at = now(), outcome = 'lost'
      from victim v
      where a.task_id = v.id and a.attempt = v.attempt and a.delivery = v.delivery
    ),
    counted as (
      insert into worker_outcomes (worker_id, outcome, count)
      select v.worker_id, 'lost', count(*)
      from victim v join workers w on w.id = v.worker_id
      group by 1
      order by 1
      on conflict (worker_id, outcome) do update set count = worker_outcomes.count + excluded.count
    )
    select id as task_id, type, attempt, status, reason from requeued
    union all
    select id, type, attempt, status, reason from failed`.execute(db);
  return rows;
}

function condition(target: LossTarget): RawBuilder<unknown> {
  switch (target.kind) {
    case 'of_lost_workers':
      return sql`t.worker_id in (select id from workers where workers.status = 'lost')`;
    case 'overdue':
      return sql`t.deadline_at < now() - ${target.patienceMs}::float8 * interval '1 ms'`;
    case 'of_worker':
      return sql`t.worker_id = ${target.workerId}`;
    case 'attempt':
      return sql`t.id = ${target.taskId} and t.attempt = ${target.attempt}`;
  }
}
