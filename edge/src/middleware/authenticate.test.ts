import { insertApiKey } from '@runfleet/shared/db/insert-api-key.ts';
import { revokeApiKey } from '@runfleet/shared/db/revoke-api-key.ts';
import { formatApiKey, hashSecret, makeApiKey } from '@runfleet/shared/model/api-key.ts';
import type { Task } from '@runfleet/shared/model/task.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { countRequests } from '../../test/count-requests.ts';
import { expectProblem } from '../../test/expect-problem.ts';
import { useLogLines } from '../../test/log-lines.ts';
import { seedTask } from '../../test/seed.ts';
import { jsonBody, useEdge } from '../../test/use-edge.ts';
import worker from '../index.ts';

const edge = await useEdge({ bindings: { AUTH_MODE: 'keys' } });
const log = useLogLines();
afterEach(() => {
  vi.useRealTimers();
});

async function createKey(tenantId: string): Promise<{ id: string; text: string }> {
  const key = makeApiKey();
  await insertApiKey(edge.db(), {
    id: key.id,
    tenantId,
    name: 'test',
    secretHash: await hashSecret(key.secret),
  });
  return { id: key.id, text: formatApiKey(key) };
}

const get = (path: string, authorization?: string) =>
  edge.fetch(path, authorization === undefined ? {} : { headers: { authorization } });

describe('with keys, a request', () => {
  it.each([
    ['no header', undefined],
    ['an empty one', ''],
    ['a key without its scheme', 'KEY'],
    ['another scheme', 'Basic KEY'],
    ['no key', 'Bearer '],
    ['a key in pieces', 'Bearer KEY x'],
    ['a shorter key', 'Bearer KEY-1'],
    ['a longer key', 'Bearer KEY0'],
    ['a key in capitals', 'Bearer CAPITALS'],
    ['text that is no key', 'Bearer rf_x_y'],
    ['an unknown id', `Bearer ${formatApiKey(makeApiKey())}`],
  ])('that has %s is refused', async (_, header) => {
    const { text } = await createKey('acme');
    const authorization = header
      ?.replace('KEY-1', text.slice(0, -1))
      .replace('KEY', text)
      .replace('CAPITALS', text.toUpperCase());
    const response = await get('/tasks', authorization);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="runfleet"');
    await expectProblem(response, 'unauthenticated');
  });

  it('that has the right id with a wrong secret is refused, and cannot be told from an unknown id', async () => {
    const { id } = await createKey('acme');
    const wrong = formatApiKey({ ...makeApiKey(), id });
    const unknown = formatApiKey(makeApiKey());
    const answers = await Promise.all(
      [wrong, unknown].map(async (key) => {
        const problem = await expectProblem(await get('/tasks', `Bearer ${key}`), 'unauthenticated');
        return { ...problem, requestId: null };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(log.text()).not.toContain(wrong.slice(20));
  });

  it.each(['/tasks', `/tasks/${crypto.randomUUID()}`, '/workers', '/workers/worker-1'])(
    'to %s needs one',
    async (path) => {
      await expectProblem(await get(path), 'unauthenticated');
    },
  );

  it('that submits needs one before its body is looked at', async () => {
    await expectProblem(await edge.fetch('/tasks', jsonBody('{')), 'unauthenticated');
  });

  it('to /health or /ready needs none', async () => {
    expect((await get('/health')).status).toBe(200);
    expect((await get('/ready')).status).toBe(200);
  });

  it.each(['Bearer', 'bearer', 'BEARER'])('with a key as %s is its tenant’s', async (scheme) => {
    const tenant = `tenant-${crypto.randomUUID()}`;
    const { text } = await createKey(tenant);
    const submitted = await edge.fetch('/tasks', {
      ...jsonBody({ code: '1' }),
      headers: { 'content-type': 'application/json', authorization: `${scheme} ${text}` },
    });
    expect(submitted.status).toBe(202);
    await edge.settled();
    const { id } = (await submitted.json()) as Task;
    await seedTask(edge, { tenantId: 'somebody-else' });

    const row = await edge
      .db()
      .selectFrom('tasks')
      .select('tenantId')
      .where('id', '=', id)
      .executeTakeFirst();
    expect(row).toEqual({ tenantId: tenant });
    const list = (await (await get('/tasks', `${scheme} ${text}`)).json()) as { tasks: Task[] };
    expect(list.tasks.map((task) => task.id)).toEqual([id]);
  });

  it('from one tenant does not see the task of another', async () => {
    const [a, b] = [await createKey('tenant-a'), await createKey('tenant-b')];
    const id = await seedTask(edge, { tenantId: 'tenant-a' });
    expect((await get(`/tasks/${id}`, `Bearer ${a.text}`)).status).toBe(200);
    await expectProblem(await get(`/tasks/${id}`, `Bearer ${b.text}`), 'task_not_found');
  });

  it('never leaves its key in the log', async () => {
    const { text } = await createKey('acme');
    await get('/tasks', `Bearer ${text}`);
    await get('/tasks?status=no', `Bearer ${text}`);
    expect(log.events('request')).toHaveLength(2);
    expect(log.text()).not.toContain(text.slice(20));
  });
});

describe('a key that is revoked', () => {
  it('works for as long as the isolate trusts what it read, and not a moment longer', async () => {
    const { id, text } = await createKey('acme');
    const authorization = `Bearer ${text}`;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    expect((await get('/tasks', authorization)).status).toBe(200);
    await revokeApiKey(edge.db(), id);

    vi.setSystemTime(Date.now() + 29_999);
    expect((await get('/tasks', authorization)).status).toBe(200);
    vi.setSystemTime(Date.now() + 1);
    await expectProblem(await get('/tasks', authorization), 'unauthenticated');
  });

  it('does not work at all in an isolate that has not met it', async () => {
    const { id, text } = await createKey('acme');
    await revokeApiKey(edge.db(), id);
    await expectProblem(await get('/tasks', `Bearer ${text}`), 'unauthenticated');
  });

  it('is read from Postgres at most once in the time that it is trusted', async () => {
    const { text } = await createKey('acme');
    const list = () => get('/tasks', `Bearer ${text}`);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    expect(await countRequests(edge, list)).toEqual({ postgres: 2, redis: 0 });
    expect(await countRequests(edge, list)).toEqual({ postgres: 1, redis: 0 });
    vi.setSystemTime(Date.now() + 30_000);
    expect(await countRequests(edge, list)).toEqual({ postgres: 2, redis: 0 });
  });
});

describe('in open mode', () => {
  const fetchAt = (origin: string) =>
    worker.fetch(new Request(`${origin}/tasks`), { ...edge.bindings, AUTH_MODE: 'open' });

  it.each([
    'http://localhost:3000',
    'http://LOCALHOST',
    'http://127.0.0.1:3000',
    'http://127.9.9.9',
    'http://[::1]:3000',
  ])('%s is served', async (origin) => {
    expect((await fetchAt(origin)).status).toBe(200);
  });

  it.each([
    'https://edge.example.workers.dev',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'http://[::2]',
    'http://a.localhost',
  ])('%s is not, and the log says why', async (origin) => {
    await expectProblem(await fetchAt(origin), 'misconfigured');
    expect(log.events('misconfigured')).toMatchObject([
      { level: 'error', error: { message: expect.stringContaining('AUTH_MODE is "open"') } },
    ]);
  });
});
