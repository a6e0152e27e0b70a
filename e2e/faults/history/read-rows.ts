import type { PostgresServer } from '../system/postgres-server.ts';

export interface TaskRow {
  id: string;
  key: string;
  status: string;
  reason: string | null;
  attempt: number;
  delivery: number;
  losses: number;
  crashes: number;
  maxAttempts: number;
  workerId: string | null;
  createdAtMs: number;
  endedAtMs: number | null;
  /** Null when no result is stored. */
  stdoutBytes: number | null;
  /** The first line that it printed. */
  firstLine: string | null;
}

export interface AttemptRow {
  taskId: string;
  attempt: number;
  delivery: number;
  workerId: string;
  startedAtMs: number;
  endedAtMs: number | null;
  outcome: string | null;
}

const ms = (column: string, name: string) => `extract(epoch from ${column})::float8 * 1000 as "${name}"`;

export async function readTasks(postgres: PostgresServer): Promise<TaskRow[]> {
  return postgres.query<TaskRow>(`
    select t.id, t.prompt as key, t.status, t.reason, t.attempt, t.delivery, t.losses, t.crashes,
      t.max_attempts as "maxAttempts", t.worker_id as "workerId", ${ms('t.created_at', 'createdAtMs')},
      ${ms('t.ended_at', 'endedAtMs')}, r.stdout_bytes::float8 as "stdoutBytes",
      split_part(convert_from(substring(r.stdout for 200), 'UTF8'), E'\\n', 1) as "firstLine"
    from tasks t left join results r on r.task_id = t.id
    order by t.id`);
}

export async function readAttempts(postgres: PostgresServer): Promise<AttemptRow[]> {
  return postgres.query<AttemptRow>(`
    select task_id as "taskId", attempt, delivery, worker_id as "workerId", ${ms('started_at', 'startedAtMs')},
      ${ms('ended_at', 'endedAtMs')}, outcome
    from attempts order by task_id, attempt, delivery`);
}
