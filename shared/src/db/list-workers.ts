import { sql } from 'kysely';
import type { AttemptOutcome, WorkerStatus } from './schema.ts';
import type { Database } from './database.ts';

export interface WorkerRow {
  id: string;
  instance: string;
  type: string;
  host: string;
  pid: number;
  version: string;
  concurrency: number;
  status: WorkerStatus;
  registeredAt: Date;
  lastBeatAt: Date;
  endedAt: Date | null;
  /** Attempts claimed under this id, ever. */
  claimed: number;
  /** What became of them; `late` counts outcomes that came after their attempt was lost. */
  outcomes: Partial<Record<AttemptOutcome, number>>;
  busyMs: number;
  /** The tenant's tasks that run on it now. */
  runningTasks: string[];
}

/** The workers by id, or only the one with `workerId`, with their totals and the tenant's tasks on them. */
export async function listWorkers(db: Database, tenantId: string, workerId?: string): Promise<WorkerRow[]> {
  return db
    .selectFrom('workers')
    .select([
      'id',
      'instance',
      'type',
      'host',
      'pid',
      'version',
      'concurrency',
      'status',
      'registeredAt',
      'lastBeatAt',
      'endedAt',
      sql<number>`claimed::float8`.as('claimed'),
      sql<Partial<Record<AttemptOutcome, number>>>`(
        select coalesce(jsonb_object_agg(o.outcome, o.count), '{}')
        from worker_outcomes o where o.worker_id = workers.id
      )`.as('outcomes'),
      sql<number>`(
        select coalesce(sum(o.busy_ms), 0) from worker_outcomes o where o.worker_id = workers.id
      )`.as('busyMs'),
      sql<string[]>`array(
        select t.id from tasks t
        where t.status = 'running' and t.worker_id = workers.id and t.tenant_id = ${tenantId}
        order by t.id
      )`.as('runningTasks'),
    ])
    .$if(workerId !== undefined, (query) => query.where('id', '=', workerId ?? ''))
    .orderBy('id')
    .limit(1000)
    .execute();
}
