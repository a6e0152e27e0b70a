import type { PostgresServer } from '../system/postgres-server.ts';

/** One change of a task's row, as the database wrote it down by itself. */
export interface TaskEvent {
  /** In the order in which the changes of one row were made. */
  seq: number;
  atMs: number;
  taskId: string;
  oldStatus: string | null;
  /** Null when the row was removed. */
  newStatus: string | null;
  reason: string | null;
  oldAttempt: number | null;
  attempt: number;
  oldDelivery: number | null;
  delivery: number;
  /** Who ran the attempt: after the change or, when it was taken away, before it. */
  workerId: string | null;
  losses: number;
  crashes: number;
  /** The session that did it. */
  by: string;
}

/** Installs the log in the campaign's own database. It is no part of the product's schema. */
export async function installTaskEvents(postgres: PostgresServer): Promise<void> {
  await postgres.query(`
    create schema campaign;
    create table campaign.task_events (
      seq bigserial primary key,
      at timestamptz not null default clock_timestamp(),
      task_id uuid not null,
      old_status text,
      new_status text,
      reason text,
      old_attempt integer,
      attempt integer not null,
      old_delivery integer,
      delivery integer not null,
      worker_id text,
      losses integer not null,
      crashes integer not null,
      by text not null default current_setting('application_name')
    );
    create function campaign.note_task() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        insert into campaign.task_events
          (task_id, old_status, old_attempt, attempt, old_delivery, delivery, worker_id, losses, crashes)
          values (old.id, old.status, old.attempt, old.attempt, old.delivery, old.delivery, old.worker_id,
            old.losses, old.crashes);
      elsif tg_op = 'INSERT' then
        insert into campaign.task_events (task_id, new_status, reason, attempt, delivery, worker_id, losses, crashes)
          values (new.id, new.status, new.reason, new.attempt, new.delivery, new.worker_id, new.losses, new.crashes);
      elsif (old.status, old.attempt, old.delivery) is distinct from (new.status, new.attempt, new.delivery) then
        insert into campaign.task_events (task_id, old_status, new_status, reason, old_attempt, attempt, old_delivery,
            delivery, worker_id, losses, crashes)
          values (new.id, old.status, new.status, new.reason, old.attempt, new.attempt, old.delivery, new.delivery,
            coalesce(new.worker_id, old.worker_id), new.losses, new.crashes);
      end if;
      return null;
    end
    $$;
    create trigger campaign_notes after insert or update or delete on tasks
      for each row execute function campaign.note_task();
    create function campaign.refuse() returns trigger language plpgsql as $$
    begin raise exception 'the log of task events is only ever added to'; end $$;
    create trigger append_only before update or delete or truncate on campaign.task_events
      for each statement execute function campaign.refuse()`);
}

export async function readTaskEvents(postgres: PostgresServer): Promise<TaskEvent[]> {
  return postgres.query<TaskEvent>(`
    select seq::int, extract(epoch from at)::float8 * 1000 as "atMs", task_id as "taskId", old_status as "oldStatus",
      new_status as "newStatus", reason, old_attempt as "oldAttempt", attempt, old_delivery as "oldDelivery", delivery,
      worker_id as "workerId", losses, crashes, by
    from campaign.task_events order by seq`);
}
