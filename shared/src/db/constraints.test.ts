import { sql, type RawBuilder } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, nextTaskId, runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { findTask } from './find-task.ts';
import { recordOutcomes } from './record-outcomes.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

const change = (taskId: string, assignment: RawBuilder<unknown>) =>
  sql`update tasks set ${assignment} where id = ${taskId}`.execute(db);

describe('a task that has ended', () => {
  test.each([
    ['runs again', sql`status = 'running', reason = null, ended_at = null, deadline_at = now()`],
    [
      'is queued again',
      sql`status = 'queued', reason = null, ended_at = null, worker_id = null, delivery = 0`,
    ],
    ['ends otherwise', sql`status = 'failed', reason = 'internal'`],
    ['has another reason', sql`reason = 'ok'`],
    ['gets another code', sql`code = '1'`],
  ])('never %s', async (_what, assignment) => {
    const worker = await startWorker(db);
    const held = await runningTask(db, worker);
    await recordOutcomes(db, [endedAttempt(held, worker)]);
    await expect(change(held.taskId, assignment)).rejects.toThrow(/has ended as completed/);
  });
});

describe('a running task', () => {
  test.each([
    [
      'completes for a reason that is a failure',
      sql`status = 'completed', reason = 'timeout', ended_at = now(), deadline_at = null`,
    ],
    ['completes for no reason', sql`status = 'completed', ended_at = now(), deadline_at = null`],
    ['fails as ok', sql`status = 'failed', reason = 'ok', ended_at = now(), deadline_at = null`],
    ['fails for no reason', sql`status = 'failed', ended_at = now(), deadline_at = null`],
    [
      'fails as cancelled',
      sql`status = 'failed', reason = 'cancelled', ended_at = now(), deadline_at = null`,
    ],
    [
      'is cancelled as expired',
      sql`status = 'cancelled', reason = 'expired', ended_at = now(), deadline_at = null`,
    ],
    ['has a reason already', sql`reason = 'ok'`],
  ])('never %s', async (_what, assignment) => {
    const held = await runningTask(db, await startWorker(db));
    await expect(change(held.taskId, assignment)).rejects.toThrow('tasks_reason_fits_status');
  });

  test.each([
    [
      'is queued while it names a worker',
      sql`status = 'queued', delivery = 0, started_at = null, deadline_at = null, dispatch_due = now()`,
    ],
    ['has no worker', sql`worker_id = null`],
    ['has no deadline', sql`deadline_at = null`],
    ['is due for dispatch', sql`dispatch_due = now()`],
    ['has delivery 0', sql`delivery = 0`],
    ['ends at no time', sql`status = 'completed', reason = 'ok', deadline_at = null`],
    ['keeps its deadline when it has ended', sql`status = 'completed', reason = 'ok', ended_at = now()`],
  ])('never %s', async (_what, assignment) => {
    const held = await runningTask(db, await startWorker(db));
    await expect(change(held.taskId, assignment)).rejects.toThrow('tasks_columns_fit_status');
  });
});

describe('a queued task', () => {
  test.each([
    ['is due at no time: it would never run', sql`dispatch_due = null`],
    ['names a worker', sql`worker_id = 'w'`],
    ['has a delivery', sql`delivery = 1`],
    ['has started', sql`started_at = now()`],
  ])('never %s', async (_what, assignment) => {
    await expect(change(await submitTask(db), assignment)).rejects.toThrow('tasks_columns_fit_status');
  });

  test('never has more crashes than losses', async () => {
    await expect(change(await submitTask(db), sql`crashes = 1`)).rejects.toThrow('check constraint');
  });

  test.each(['cancelled', 'expired'])('may become %s', async (status) => {
    const id = await submitTask(db);
    await change(
      id,
      sql`status = ${status}::task_status, reason = ${status}::end_reason, ended_at = now(), dispatch_due = null`,
    );
    expect(await findTask(db, 'acme', id)).toMatchObject({ status, reason: status, result: null });
  });
});

describe('a retry', () => {
  test.each([
    ['is a list', sql`retry = '[]'`],
    ['is a word', sql`retry = '"often"'`],
    ['leaves something to be assumed', sql`retry = '{"limit": 3, "delayMs": 1, "on": []}'`],
  ])('never %s', async (_what, assignment) => {
    await expect(change(await submitTask(db), assignment)).rejects.toThrow('tasks_retry_is_a_policy');
  });

  test.each([
    ['for a task that asks for none', null, 1],
    ['more often than it asks for', { limit: 2, delayMs: 1, backoff: 'fixed' as const, on: [] }, 3],
    ['less often than never', { limit: 2, delayMs: 1, backoff: 'fixed' as const, on: [] }, -1],
  ])('never is made %s', async (_what, retry, retries) => {
    const id = await submitTask(db, { retry });
    await expect(change(id, sql`retries = ${retries}`)).rejects.toThrow('tasks_retries_fit_policy');
  });
});

test('a task never expires before it is there', async () => {
  await expect(submitTask(db, { expiresInMs: 0 })).rejects.toThrow('tasks_expire_after_creation');
});

describe('an idempotency key', () => {
  const insert = (key: string, taskId: string, hash = Buffer.alloc(32)) =>
    sql`
      insert into idempotency_keys (tenant_id, key, body_hash, task_id) values ('acme', ${key}, ${hash}, ${taskId})`.execute(
      db,
    );

  test.each(['', 'x'.repeat(256), 'ü', 'a\nb', '\u007f'])('never is %j', async (key) => {
    await expect(insert(key, await submitTask(db))).rejects.toThrow('idempotency_keys_key_check');
  });

  test('names one task that there is, by a whole hash, once', async () => {
    const id = await submitTask(db);
    await expect(insert('k', nextTaskId())).rejects.toThrow('idempotency_keys_task_id_fkey');
    await expect(insert('k', id, Buffer.alloc(31))).rejects.toThrow('idempotency_keys_body_hash_check');
    await insert('x'.repeat(255), id);
    await expect(insert('other', id)).rejects.toThrow('idempotency_keys_by_task');
  });
});

describe('what a task is given', () => {
  test.each(['input', 'limits'])('is an object in %s, or nothing', async (column) => {
    const id = await submitTask(db);
    await change(id, sql`${sql.ref(column)} = '{}'`);
    for (const json of ['[]', 'null', '"text"'])
      await expect(change(id, sql`${sql.ref(column)} = ${json}`)).rejects.toThrow('check constraint');
  });
});

test('it is known since when a task waits', async () => {
  const worker = await startWorker(db);
  for (const id of [await submitTask(db), (await runningTask(db, worker)).taskId]) {
    await expect(change(id, sql`queued_at = null`)).rejects.toThrow('tasks_queued_at_is_known');
  }
});

describe('a result', () => {
  test.each([
    ['ended by a limit that is not named', sql`killed_by = 'limit'`, 'results_killer_names_its_limit'],
    ['ended by nobody that we know', sql`killed_by = 'cosmic ray'`, 'invalid input value for enum killer'],
    ['of a limit that there is not', sql`limit_name = 'patience'`, 'invalid input value for enum limit_name'],
    ['with half of its times', sql`run_ms = null`, 'results_timings_are_complete'],
    ['with less than no time', sql`cpu_ms = -1`, 'check constraint'],
    ['with less than no memory', sql`memory_peak_bytes = -1`, 'check constraint'],
    [
      'with a value and the reason why there is none',
      sql`value = '1', value_note = 'x'`,
      'results_value_or_note',
    ],
    ['isolated by a word', sql`isolation = '"sandbox"'`, 'check constraint'],
  ])('never is %s', async (_what, assignment, complaint) => {
    const worker = await startWorker(db);
    const held = await runningTask(db, worker);
    await recordOutcomes(db, [endedAttempt(held, worker)]);
    const update = sql`update results set ${assignment} where task_id = ${held.taskId}`;
    await expect(update.execute(db)).rejects.toThrow(complaint);
  });

  test('may be of a version that kept no figures', async () => {
    const worker = await startWorker(db);
    const held = await runningTask(db, worker);
    await recordOutcomes(db, [endedAttempt(held, worker)]);
    await sql`
      update results set cpu_ms = null, memory_peak_bytes = null, prepare_ms = null, run_ms = null, collect_ms = null,
        isolation = null
      where task_id = ${held.taskId}`.execute(db);
    expect((await findTask(db, 'acme', held.taskId))?.result).toMatchObject({
      prepareMs: null,
      isolation: null,
      stdoutBytes: 2,
    });
  });
});

test('one id is one task', async () => {
  const id = await submitTask(db);
  await expect(submitTask(db, { id })).rejects.toThrow('duplicate key');
});

test('a worker that has ended says when, and one that is live does not', async () => {
  const { id } = await startWorker(db);
  await expect(sql`update workers set status = 'lost' where id = ${id}`.execute(db)).rejects.toThrow(
    'workers_ended_fits_status',
  );
  await expect(sql`update workers set ended_at = now() where id = ${id}`.execute(db)).rejects.toThrow(
    'workers_ended_fits_status',
  );
});

test('an attempt has an outcome exactly when it has ended', async () => {
  const { taskId } = await runningTask(db, await startWorker(db));
  await expect(sql`update attempts set outcome = 'ok' where task_id = ${taskId}`.execute(db)).rejects.toThrow(
    'attempts_outcome_fits_end',
  );
});

test('a key holds a whole hash and belongs to somebody', async () => {
  const insert = (tenant: string, hash: Buffer) =>
    sql`insert into api_keys (id, tenant_id, name, secret_hash) values ('k', ${tenant}, 'n', ${hash})`.execute(
      db,
    );
  await expect(insert('acme', Buffer.alloc(31))).rejects.toThrow('check constraint');
  await expect(insert('', Buffer.alloc(32))).rejects.toThrow('check constraint');
});
