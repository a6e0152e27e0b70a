import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { isTerminal, outcomeReasons, reasons, statuses, statusOf, terminalStatuses } from './status.ts';

const database = await cloneDatabase();
afterAll(() => database.drop());

/** What the database's enum admits, in its order. */
async function labelsOf(enumName: string): Promise<string[]> {
  const { rows } = await sql<{ label: string }>`
    select e.enumlabel as label from pg_enum e join pg_type t on t.oid = e.enumtypid
    where t.typname = ${enumName}
    order by e.enumsortorder`.execute(database.db);
  return rows.map(({ label }) => label);
}

test('statuses are those of the database', async () => {
  expect(await labelsOf('task_status')).toEqual([...statuses]);
});

test('reasons are those of the database', async () => {
  expect(await labelsOf('end_reason')).toEqual([...reasons]);
});

test('an attempt may end for every reason that a worker sees, and in three ways that it does not', async () => {
  expect(new Set(await labelsOf('attempt_outcome'))).toEqual(
    new Set([...outcomeReasons, 'cancelled', 'given_back', 'lost', 'late']),
  );
});

test('every reason belongs to one terminal status, and every terminal status has a reason', () => {
  expect(new Set(reasons.map(statusOf))).toEqual(new Set(terminalStatuses));
});

test('only `ok` completes, and what a worker sees otherwise is a failure', () => {
  for (const reason of outcomeReasons)
    expect(statusOf(reason)).toBe(reason === 'ok' ? 'completed' : 'failed');
  expect(statusOf('worker_lost')).toBe('failed');
  expect(statusOf('poisoned')).toBe('failed');
});

test('the database agrees which reason belongs to which status', async () => {
  const { rows } = await sql<{ definition: string }>`
    select pg_get_constraintdef(oid) as definition from pg_constraint
    where conname = 'tasks_reason_fits_status'`.execute(database.db);
  // The very condition of the constraint, asked for every pair.
  const condition = rows[0]?.definition.replace(/^CHECK/, '') ?? '';
  const { rows: pairs } = await sql<{ status: string; reason: string }>`
    select status, reason
    from unnest(enum_range(null::task_status)) as status, unnest(enum_range(null::end_reason)) as reason
    where ${sql.raw(condition)}`.execute(database.db);
  expect(new Set(pairs.map(({ status, reason }) => `${reason}: ${status}`))).toEqual(
    new Set(reasons.map((reason) => `${reason}: ${statusOf(reason)}`)),
  );
});

test('queued and running are the statuses that may change', () => {
  expect(statuses.filter((status) => !isTerminal(status))).toEqual(['queued', 'running']);
});
