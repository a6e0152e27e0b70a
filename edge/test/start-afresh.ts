import { redisEpochKey } from '@runfleet/shared/queue/contract.ts';
import { sql } from 'kysely';
import { beforeEach } from 'vitest';
import { reconcile, type ReconcileSummary } from '../src/reconcile/reconcile.ts';
import type { EdgeUnderTest } from './use-edge.ts';

/** Empties the file's database and its Redis before each test. The Redis is one that a reconcile has met before. */
export function startAfresh(edge: EdgeUnderTest): void {
  beforeEach(async () => {
    await sql`truncate tasks, workers cascade`.execute(edge.db());
    await edge.redis().flushdb();
    await edge.redis().set(redisEpochKey, 'known');
  });
}

export function reconcileOnce(edge: EdgeUnderTest): Promise<ReconcileSummary> {
  return reconcile(edge.db(), edge.redis(), edge.settings);
}

/** Makes it look as if this column of a row had been written some time before now. */
export async function setBack(
  edge: EdgeUnderTest,
  table: 'tasks' | 'workers',
  column: string,
  id: string,
  seconds: number,
): Promise<void> {
  await sql`
    update ${sql.table(table)} set ${sql.ref(column)} = now() - ${seconds}::float8 * interval '1 s'
    where id::text = ${id}`.execute(edge.db());
}

/** Many queued tasks at once, due for dispatch. */
export async function seedManyDue(edge: EdgeUnderTest, count: number): Promise<void> {
  await sql`
    insert into tasks (id, tenant_id, type, code, timeout_ms, max_attempts, dispatch_due)
    select gen_random_uuid(), 'local', ${edge.type}, '1', 1000, 3, now()
    from generate_series(1, ${count}::int)`.execute(edge.db());
}
