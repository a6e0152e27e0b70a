import { formatApiKey, hashSecret, makeApiKey } from '@runfleet/shared/model/api-key.ts';
import { insertApiKey } from '@runfleet/shared/db/insert-api-key.ts';
import { idempotencyKeyLifeMs } from '@runfleet/shared/model/limits.ts';
import type { TaskWithResult } from '@runfleet/shared/model/task.ts';
import { tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { countRequests } from '../../test/count-requests.ts';
import { expectProblem } from '../../test/expect-problem.ts';
import { useLogLines } from '../../test/log-lines.ts';
import { claim, record, seedWorker } from '../../test/seed.ts';
import { jsonBody, useEdge } from '../../test/use-edge.ts';
import type { Bindings } from '../bindings.ts';

const edge = await useEdge();
useLogLines();

const someKey = () => crypto.randomUUID();

function post(key: string | undefined, body: unknown, bindings?: Bindings, authorization?: string) {
  const headers = {
    ...(key === undefined ? {} : { 'idempotency-key': key }),
    ...(authorization === undefined ? {} : { authorization }),
  };
  return edge.fetch('/tasks', jsonBody(body, headers), bindings);
}

const bodyOf = async (response: Response) => (await response.json()) as TaskWithResult;
const idOf = async (response: Response) => (await bodyOf(response)).id;
const countTasks = async () => {
  const rows = await edge.db().selectFrom('tasks').select('id').execute();
  return rows.length;
};
const jobs = async () => {
  await edge.settled();
  return edge.redis().lrange(`runfleet:${tasksQueueName(edge.type)}:wait`, 0, -1);
};

it('the same key and the same body are the same task: 202, then 200', async () => {
  const [key, body] = [someKey(), { code: '1', prompt: 'once', expiresIn: 60, retry: { limit: 1 } }];
  const first = await post(key, body);
  expect(first.status).toBe(202);
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  const task = await bodyOf(first);

  const again = await post(key, body);
  expect(again.status).toBe(200);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.headers.get('location')).toBe(`/tasks/${task.id}`);
  expect(await bodyOf(again)).toEqual(task);
  expect((await jobs()).filter((job) => job.includes(task.id))).toEqual([`t-${task.id}-1`]);
});

it('a replay shows its task as it is by then', async () => {
  const key = someKey();
  const id = await idOf(await post(key, { code: '1' }));
  const worker = await seedWorker(edge);
  const [delivery] = await claim(edge, worker, [id]);
  expect(await bodyOf(await post(key, { code: '1' }))).toMatchObject({
    id,
    status: 'running',
    workerId: worker.id,
  });
  await record(edge, worker, delivery!);
  expect(await bodyOf(await post(key, { code: '1' }))).toMatchObject({
    id,
    status: 'completed',
    reason: 'ok',
  });
});

it('white space and the order of fields are not another body; a default that is written out is', async () => {
  const key = someKey();
  const id = await idOf(await post(key, '{"code":"1","limits":{"cpu":1.0,"threads":30},"timeout":2}'));
  const same = await post(
    key,
    '{\n "timeout" : 2.0, "limits": { "threads": 30, "cpu": 1 },\t"code": "\\u0031" }',
  );
  expect({ status: same.status, id: await idOf(same) }).toEqual({ status: 200, id });
  await expectProblem(
    await post(key, '{"code":"1","limits":{"cpu":1,"threads":30},"timeout":2,"maxAttempts":3}'),
    'idempotency_key_reused',
  );
});

it('another body with a used key is refused, and neither inserted nor enqueued', async () => {
  const key = someKey();
  const id = await idOf(await post(key, { code: '1' }));
  const before = [await countTasks(), await jobs()];
  await expectProblem(await post(key, { code: '2' }), 'idempotency_key_reused');
  expect([await countTasks(), await jobs()]).toEqual(before);
  expect(await idOf(await post(key, { code: '1' }))).toBe(id);
});

it('a body that is not valid uses up no key', async () => {
  const key = someKey();
  await expectProblem(await post(key, { code: 1 }), 'invalid_task');
  expect((await post(key, { code: '1' })).status).toBe(202);
});

it('of 20 submissions with one key that race, one is 202, all others 200, and there is one task and one job', async () => {
  const [key, body] = [someKey(), { code: 'race', expiresIn: 3600 }];
  const before = await countTasks();
  const responses = await Promise.all(Array.from({ length: 20 }, () => post(key, body)));
  const withStatus = (wanted: number) => responses.filter(({ status }) => status === wanted).length;
  expect([withStatus(202), withStatus(200)]).toEqual([1, 19]);
  const [task, ...others] = await Promise.all(responses.map(bodyOf));
  for (const other of others) expect(other).toEqual(task);
  expect(await countTasks()).toBe(before + 1);
  expect((await jobs()).filter((job) => job.includes(task!.id))).toHaveLength(1);
});

it('costs no more than a submission without a key, and a replay asks Redis nothing', async () => {
  const key = someKey();
  const submit = async () => {
    await post(key, { code: '1' });
    await edge.settled();
  };
  expect(await countRequests(edge, submit)).toEqual({ postgres: 1, redis: 1 });
  expect(await countRequests(edge, submit)).toEqual({ postgres: 1, redis: 0 });
});

it('is forgotten after 24 hours', async () => {
  const key = someKey();
  const id = await idOf(await post(key, { code: '1' }));
  await sql`
    update idempotency_keys set created_at = now() - ${idempotencyKeyLifeMs}::float8 * interval '1 ms'
    where key = ${key}`.execute(edge.db());
  const later = await post(key, { code: '2' });
  expect(later.status).toBe(202);
  expect(await idOf(later)).not.toBe(id);
});

it("is the tenant's own, whichever of its API keys it comes with", async () => {
  const authorizations: string[] = [];
  for (const tenantId of ['acme', 'acme', 'evil']) {
    const apiKey = makeApiKey();
    const secretHash = await hashSecret(apiKey.secret);
    await insertApiKey(edge.db(), { id: apiKey.id, tenantId, name: 'test', secretHash });
    authorizations.push(`Bearer ${formatApiKey(apiKey)}`);
  }
  const key = someKey();
  const [first, same, other] = await Promise.all(
    authorizations.map(async (authorization, index) => {
      const body = { code: index === 2 ? 'of another tenant' : '1' };
      return idOf(await post(key, body, { AUTH_MODE: 'keys' }, authorization));
    }),
  );
  expect(same).toBe(first);
  expect(other).not.toBe(first);
});

it.each([
  ['a UUID', crypto.randomUUID()],
  ['one character', '!'],
  ['255 characters', 'x'.repeat(255)],
  ['with spaces, quotes and what SQL might mind', `a "b" 'c' \\ ; -- $1 {} ~`],
])('may be %s', async (_what, key) => {
  const id = await idOf(await post(key, { code: '1' }));
  expect(await idOf(await post(key, { code: '1' }))).toBe(id);
});

it.each([
  ['empty', ''],
  ['256 characters', 'x'.repeat(256)],
  ['not ASCII', 'caf\u00e9'],
  ['a control character', 'a\tb'],
])('may not be %s', async (_what, key) => {
  const before = await countTasks();
  await expectProblem(await post(key, { code: '1' }), 'invalid_idempotency_key');
  expect(await countTasks()).toBe(before);
});

it('without one, the same body is another task', async () => {
  const ids = await Promise.all(
    [post(undefined, { code: '1' }), post(undefined, { code: '1' })].map(async (r) => idOf(await r)),
  );
  expect(new Set(ids).size).toBe(2);
});

it('when the enqueue failed, a replay does not enqueue either: the sweep does', async () => {
  const key = someKey();
  const bindings = { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1' };
  const first = await post(key, { code: '1' }, bindings);
  expect(first.status).toBe(202);
  const id = await idOf(first);
  expect(await idOf(await post(key, { code: '1' }))).toBe(id);
  expect((await jobs()).filter((job) => job.includes(id))).toEqual([]);
  await sql`update tasks set dispatch_due = now() where id = ${id}`.execute(edge.db());
  await edge.tick();
  expect((await jobs()).filter((job) => job.includes(id))).toEqual([`t-${id}-1`]);
});
