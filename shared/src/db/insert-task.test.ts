import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, newTask, nextTaskId, runningTask, startWorker, submitTask } from '../../test/tasks.ts';
import { idempotencyKeyLifeMs } from '../model/limits.ts';
import { findTask } from './find-task.ts';
import { insertTask, type Admission, type NewTask } from './insert-task.ts';
import { recordOutcomes } from './record-outcomes.ts';
import { removeEndedTasks } from './remove-ended-tasks.ts';
import { removeStaleKeys } from './remove-stale-keys.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

const hashOf = (body: string) => createHash('sha256').update(body).digest();
const room: Admission = { idempotency: null, maxUnfinishedOfTenant: 1_000, maxUnfinished: 1_000 };

function submit(task: Partial<NewTask> = {}, admission: Partial<Admission> = {}) {
  return insertTask(db, newTask(task), { ...room, ...admission });
}

const withKey = (key: string, body = 'body', but: Partial<Admission> = {}) => ({
  idempotency: { key, bodyHash: hashOf(body) },
  ...but,
});

const idsOfTasks = async () =>
  (await db.selectFrom('tasks').select('id').orderBy('id').execute()).map(({ id }) => id);
const countKeys = async () => (await db.selectFrom('idempotencyKeys').select('key').execute()).length;

async function ageKey(key: string, ms: number): Promise<void> {
  await sql`
    update idempotency_keys set created_at = now() - ${ms}::float8 * interval '1 ms' where key = ${key}`.execute(
    db,
  );
}

test('an accepted task is what is found of it', async () => {
  const retry = { limit: 2, delayMs: 500, backoff: 'fixed' as const, on: ['signal' as const] };
  const submitted = await submit({ prompt: 'p', timeoutMs: 1_500, retry, expiresInMs: 60_000 });
  const { kind, systemFull, ...rest } = submitted;
  expect({ kind, systemFull }).toEqual({ kind: 'accepted', systemFull: false });
  const task = 'task' in rest ? rest.task : expect.unreachable();
  expect(await findTask(db, 'acme', task.id)).toEqual({
    ...(await findTask(db, 'acme', task.id)),
    ...task,
    retry,
    result: null,
  });
  expect(task.expiresAt?.getTime()).toBe(task.createdAt.getTime() + 60_000);
});

describe('a key', () => {
  test('is answered with its task, as it is by then, and nothing is inserted', async () => {
    const first = await submit({ prompt: 'once' }, withKey('k'));
    const again = await submit({ prompt: 'once' }, withKey('k'));
    expect(again).toMatchObject({ ...first, kind: 'replayed', systemFull: null });

    const id = 'task' in first ? first.task.id : expect.unreachable();
    await sql`update tasks set attempt = 2, losses = 1 where id = ${id}`.execute(db);
    expect(await submit({}, withKey('k'))).toMatchObject({ kind: 'replayed', task: { id, attempt: 2 } });
    expect(await idsOfTasks()).toEqual([id]);
    expect(await countKeys()).toBe(1);
  });

  test('with another body is refused, and nothing is inserted', async () => {
    await submit({}, withKey('k', 'one'));
    expect(await submit({}, withKey('k', 'other'))).toMatchObject({ kind: 'key_reused' });
    expect(await submit({}, withKey('k', 'one'))).toMatchObject({ kind: 'replayed' });
    expect(await idsOfTasks()).toHaveLength(1);
  });

  test("is the tenant's own", async () => {
    await submit({ tenantId: 'acme' }, withKey('k', 'one'));
    expect(await submit({ tenantId: 'other' }, withKey('k', 'two'))).toMatchObject({ kind: 'accepted' });
  });

  test('is forgotten after its life, and then names another task', async () => {
    await submit({}, withKey('k', 'one'));
    await ageKey('k', idempotencyKeyLifeMs - 1_000);
    expect(await submit({}, withKey('k', 'other'))).toMatchObject({ kind: 'key_reused' });
    await ageKey('k', idempotencyKeyLifeMs);
    const taken = await submit({}, withKey('k', 'other'));
    expect(taken).toMatchObject({ kind: 'accepted' });
    expect(await submit({}, withKey('k', 'other'))).toMatchObject({
      ...taken,
      kind: 'replayed',
      systemFull: null,
    });
    expect(await submit({}, withKey('k', 'one'))).toMatchObject({ kind: 'key_reused' });
    expect(await idsOfTasks()).toHaveLength(2);
    expect(await countKeys()).toBe(1);
  });

  test.each([
    ['is new', async () => {}],
    [
      'is past its life',
      async () => {
        await submit({}, withKey('k', 'old'));
        await ageKey('k', 2 * idempotencyKeyLifeMs);
      },
    ],
  ])(
    'that %s: of 30 submissions that race, one inserts its task, and all answer with it',
    async (_what, prepare) => {
      for (let round = 0; round < 5; round += 1) {
        await database.clear();
        await prepare();
        const before = await idsOfTasks();
        const answers = await Promise.all(
          Array.from({ length: 30 }, () => submit({ prompt: 'race', expiresInMs: 5_000 }, withKey('k'))),
        );
        const [id, ...others] = (await idsOfTasks()).filter((each) => !before.includes(each));
        expect(others).toEqual([]);
        expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
        expect(answers.filter(({ kind }) => kind === 'replayed')).toHaveLength(29);
        const { attempts: _, ...task } = (await findTask(db, 'acme', id!))!;
        for (const answer of answers)
          expect({ ...task, result: null }).toMatchObject('task' in answer ? answer.task : {});
      }
    },
  );

  test('with another body in a race is one task and a refusal of the others', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => submit({}, withKey('k', `body ${index}`))),
    );
    const kinds = answers.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['accepted', ...Array.from({ length: 19 }, () => 'key_reused')]);
    expect(await idsOfTasks()).toHaveLength(1);
  });

  test('costs a submission one statement, whatever becomes of it', async () => {
    const statementsOf = async (act: () => Promise<unknown>) => {
      const before = database.statements.length;
      await act();
      return database.statements.length - before;
    };
    expect(await statementsOf(() => submit())).toBe(1);
    expect(await statementsOf(() => submit({}, withKey('k')))).toBe(1);
    expect(await statementsOf(() => submit({}, withKey('k')))).toBe(1);
    expect(await statementsOf(() => submit({}, withKey('k', 'other')))).toBe(1);
    expect(await statementsOf(() => submit({}, { maxUnfinished: 1 }))).toBe(1);
  });

  test('goes when its task does, and is removed when its life is over, oldest first', async () => {
    const worker = await startWorker(db);
    for (const key of ['a', 'b', 'c', 'd']) await submit({}, withKey(key));
    await ageKey('a', idempotencyKeyLifeMs);
    await ageKey('b', 3 * idempotencyKeyLifeMs);
    await ageKey('c', 2 * idempotencyKeyLifeMs);
    const keys = async () =>
      (await db.selectFrom('idempotencyKeys').select('key').orderBy('key').execute()).map(({ key }) => key);
    expect(await removeStaleKeys(db, 1)).toBe(1);
    expect(await keys()).toEqual(['a', 'c', 'd']);
    expect(await removeStaleKeys(db, 10)).toBe(2);
    expect(await keys()).toEqual(['d']);
    expect(await removeStaleKeys(db, 10)).toBe(0);

    const { taskId } = await db.selectFrom('idempotencyKeys').select('taskId').executeTakeFirstOrThrow();
    await sql`
      update tasks set status = 'running', delivery = 1, worker_id = ${worker.id}, dispatch_due = null, started_at = now(),
        deadline_at = now()
      where id = ${taskId}`.execute(db);
    await recordOutcomes(db, [endedAttempt({ taskId, attempt: 1, delivery: 1 }, worker)]);
    expect(await removeEndedTasks(db, 0, 10)).toBe(1);
    expect(await keys()).toEqual([]);
  });
});

describe('a backlog', () => {
  test('of the tenant that is full refuses, inserts nothing and keeps no key', async () => {
    await submitTask(db);
    await runningTask(db, await startWorker(db));
    const full = { maxUnfinishedOfTenant: 2 };
    expect(await submit({}, full)).toEqual({ kind: 'refused', full: 'tenant', systemFull: false });
    expect(await submit({}, withKey('k', 'body', full))).toMatchObject({ kind: 'refused', full: 'tenant' });
    expect(await idsOfTasks()).toHaveLength(2);
    expect(await countKeys()).toBe(0);
    expect(await submit({ tenantId: 'other' }, full)).toMatchObject({ kind: 'accepted' });
    expect(await submit({}, { maxUnfinishedOfTenant: 3 })).toMatchObject({ kind: 'accepted' });
  });

  test('of all tenants together that is full refuses as well', async () => {
    await submitTask(db, { tenantId: 'one' });
    await submitTask(db, { tenantId: 'two' });
    const full = { maxUnfinished: 2 };
    expect(await submit({}, full)).toEqual({ kind: 'refused', full: 'system', systemFull: true });
    expect(await submit({}, withKey('k', 'body', full))).toMatchObject({ kind: 'refused', full: 'system' });
    expect(await idsOfTasks()).toHaveLength(2);
    expect(await countKeys()).toBe(0);
    expect(await submit({}, { maxUnfinished: null })).toMatchObject({ kind: 'accepted', systemFull: null });
  });

  test('counts nothing that has ended', async () => {
    const worker = await startWorker(db);
    await recordOutcomes(db, [endedAttempt(await runningTask(db, worker), worker)]);
    expect(await submit({}, { maxUnfinishedOfTenant: 1, maxUnfinished: 1 })).toMatchObject({
      kind: 'accepted',
    });
  });

  test('that is full does not keep a known key from its answer', async () => {
    const first = await submit({}, withKey('k'));
    const full = { maxUnfinishedOfTenant: 1, maxUnfinished: 1 };
    expect(await submit({}, withKey('k', 'body', full))).toMatchObject({
      ...first,
      kind: 'replayed',
      systemFull: null,
    });
    expect(await submit({}, withKey('k', 'other', full))).toMatchObject({ kind: 'key_reused' });
    await ageKey('k', idempotencyKeyLifeMs);
    expect(await submit({}, withKey('k', 'body', full))).toMatchObject({ kind: 'refused', full: 'tenant' });
  });
});

test('a task that cannot be inserted keeps no key', async () => {
  const id = nextTaskId();
  await submitTask(db, { id });
  await expect(submit({ id }, withKey('k'))).rejects.toThrow('duplicate key');
  expect(await countKeys()).toBe(0);
});
