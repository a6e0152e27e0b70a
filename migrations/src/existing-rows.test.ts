import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimAttempts } from '@runfleet/shared/db/claim-attempts.ts';
import type { Database } from '@runfleet/shared/db/database.ts';
import { expireQueued } from '@runfleet/shared/db/expire-queued.ts';
import { findTask } from '@runfleet/shared/db/find-task.ts';
import { emptyDatabase, type TestDatabase } from '../../shared/test/database.ts';
import { startWorker } from '../../shared/test/tasks.ts';
import * as inputAndFiguresStep from '../0006-input-and-figures.ts';
import * as expiryAndRetriesStep from '../0007-expiry-and-retries.ts';
import { migrate } from './runner.ts';

const inputAndFigures: Required<Migration> = inputAndFiguresStep;
const expiryAndRetries: Required<Migration> = expiryAndRetriesStep;

let database: TestDatabase;
beforeEach(async () => {
  database = await emptyDatabase();
});
afterEach(() => database.drop());

/** Tasks of a version before every column that came later: one that waits, one that runs, one that has ended. */
async function insertTasks(db: Database) {
  const [queued, running, ended] = [randomUUID(), randomUUID(), randomUUID()];
  const insert = (id: string, columns: string, values: string) =>
    sql`
      insert into tasks (id, tenant_id, type, code, timeout_ms, max_attempts, created_at, ${sql.raw(columns)})
      values (${id}, 'acme', 'javascript', '1', 1000, 3, now() - interval '1 hour', ${sql.raw(values)})`.execute(
      db,
    );
  await insert(queued, 'dispatch_due', 'now()');
  await insert(
    running,
    'status, delivery, worker_id, started_at, deadline_at',
    `'running', 1, 'w', now(), now()`,
  );
  await insert(
    ended,
    'status, reason, delivery, worker_id, started_at, ended_at',
    `'completed', 'ok', 1, 'w', now(), now()`,
  );
  return { queued, running, ended };
}

test('0006 leaves what is there usable: tasks that wait and run, and results that have ended', async () => {
  const { db } = database;
  await migrate(database.url);
  await inputAndFigures.down(db);
  const { queued, running, ended } = await insertTasks(db);
  await sql`
    insert into results (task_id, duration_ms, stdout, stderr, stdout_bytes, stderr_bytes, stdout_dropped_bytes,
      stderr_dropped_bytes)
    values (${ended}, 5, '', '', 0, 0, 0, 0)`.execute(db);

  await inputAndFigures.up(db);

  const { rows } = await sql<{ id: string; waitsSinceItsCreation: boolean | null }>`
    select id, queued_at = created_at as waits_since_its_creation from tasks`.execute(db);
  expect(Object.fromEntries(rows.map((row) => [row.id, row.waitsSinceItsCreation]))).toEqual({
    [queued]: true,
    [running]: true,
    [ended]: null,
  });
  expect((await findTask(db, 'acme', ended))?.result).toMatchObject({
    durationMs: 5,
    queueMs: null,
    cpuMs: null,
    prepareMs: null,
    value: null,
    isolation: null,
  });

  await inputAndFigures.down(db);
  expect((await sql`select from results`.execute(db)).rows).toHaveLength(1);
});

test('0007 leaves what is there usable: it never expires, and is never retried', async () => {
  const { db } = database;
  await migrate(database.url);
  await expiryAndRetries.down(db);
  const ids = await insertTasks(db);
  await expiryAndRetries.up(db);
  for (const id of Object.values(ids))
    expect(await findTask(db, 'acme', id)).toMatchObject({ expiresAt: null, retry: null, retries: 0 });
  expect(await expireQueued(db, 10)).toBe(0);
  const worker = await startWorker(db);
  expect(await claimAttempts(db, worker, [{ taskId: ids.queued, attempt: 1, delivery: 1 }])).toHaveLength(1);
});
