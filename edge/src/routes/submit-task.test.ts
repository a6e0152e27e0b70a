import { sql } from 'kysely';
import { describe, expect, inject, it } from 'vitest';
import { formatApiKey, hashSecret, makeApiKey } from '@runfleet/shared/model/api-key.ts';
import { insertApiKey } from '@runfleet/shared/db/insert-api-key.ts';
import { tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { countRequests } from '../../test/count-requests.ts';
import { useLogLines } from '../../test/log-lines.ts';
import { jsonBody, queueKeys, useEdge } from '../../test/use-edge.ts';

// Its own Redis, which this file's last test searches whole.
const edge = await useEdge({ redis: 'submit-task' });
const log = useLogLines();

const jobKey = (taskId: string, attempt = 1) =>
  `runfleet:${tasksQueueName(edge.type)}:t-${taskId}-${attempt}`;
const readTask = async (id: string) =>
  edge.db().selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirst();

describe('an accepted task', () => {
  it('is answered with 202, its place, and itself', async () => {
    const response = await edge.fetch('/tasks', jsonBody({ code: 'console.log(2+2)', prompt: 'math test' }));
    const task = (await response.json()) as Record<string, unknown>;

    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/tasks/${String(task['id'])}`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(task).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      type: edge.type,
      status: 'queued',
      reason: null,
      prompt: 'math test',
      timeout: 30,
      attempt: 1,
      maxAttempts: 3,
      retry: null,
      retries: 0,
      workerId: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      expiresAt: null,
      startedAt: null,
      endedAt: null,
    });
  });

  it('shows what it asked for: how long it may wait, and when it is tried again', async () => {
    const task = await edge.submit({ code: '1', expiresIn: 90.5, retry: { limit: 2 } });
    expect(task).toMatchObject({
      retries: 0,
      retry: {
        limit: 2,
        delay: 1,
        backoff: 'exponential',
        on: ['exit_code', 'uncaught_error', 'signal', 'timeout', 'cpu_limit', 'memory_limit', 'output_limit'],
      },
    });
    expect(Date.parse(task.expiresAt!) - Date.parse(task.createdAt)).toBe(90_500);
    expect(await readTask(task.id)).toMatchObject({ retry: { limit: 2, delayMs: 1_000 } });
  });

  it('is what GET answers at its place', async () => {
    const task = await edge.submit({ code: '1', timeout: 0.25, maxAttempts: 1, type: `${edge.type}-b` });
    const found = await edge.fetch(`/tasks/${task.id}`);
    expect(await found.json()).toEqual({ ...task, attempts: [], result: null });
    expect(task).toMatchObject({ timeout: 0.25, maxAttempts: 1, type: `${edge.type}-b`, prompt: null });
  });

  it('is in Postgres as it was sent', async () => {
    const code = 'console.log("héllo 🎉 \\u0000 \\\\ \'")\r\n\tlet x = `${1}`;';
    const { id, createdAt } = await edge.submit({ code, prompt: '日本語', timeout: 1.5, maxAttempts: 7 });
    const row = await readTask(id);
    expect(row).toMatchObject({
      tenantId: 'local',
      type: edge.type,
      code,
      prompt: '日本語',
      timeoutMs: 1500,
      maxAttempts: 7,
      status: 'queued',
      attempt: 1,
      delivery: 0,
    });
    expect(row?.createdAt.toISOString()).toBe(createdAt);
    expect(row?.dispatchDue?.getTime()).toBe((row?.createdAt.getTime() ?? 0) + 5_000);
  });

  it('is in Postgres with all that its code is given, and the limits that it asks for', async () => {
    const input = {
      stdin: 'line\r\n🎉',
      args: ['--snake_case', '"{1,2}"', ''],
      env: { SNAKE_CASE: 'x', camelCase: '\u0001', TZ: 'Asia/Tokyo' },
      files: [
        { path: 'data/ü.txt', content: '\uFEFFtext\\', encoding: 'utf8' },
        { path: 'b.bin', content: 'AAEC/w==', encoding: 'base64' },
      ],
    };
    const limits = { memoryBytes: 64 * 1024 * 1024, cpu: 1.5 };
    const { id } = await edge.submit({ code: '1', ...input, limits });
    const row = await readTask(id);
    expect(row?.input).toEqual(input);
    expect(row?.limits).toEqual(limits);
    expect(row?.queuedAt).toEqual(row?.createdAt);
  });

  it('has neither in Postgres when it names none', async () => {
    expect(await readTask((await edge.submit({ code: '1' })).id)).toMatchObject({
      input: null,
      limits: null,
    });
  });

  it('waits in its queue as a job that holds ids only', async () => {
    const { id } = await edge.submit({
      code: 'console.log("a secret of the task")',
      prompt: 'another secret',
    });
    const waiting = await edge.redis().lrange(`runfleet:${tasksQueueName(edge.type)}:wait`, 0, -1);
    const [name, data] = await edge
      .redis()
      .eval<[], string[]>(`return redis.call('HMGET', KEYS[1], 'name', 'data')`, [jobKey(id)], []);

    expect(waiting).toContain(`t-${id}-1`);
    expect(name).toBe('attempt');
    expect(JSON.parse(data ?? '')).toEqual({ taskId: id, attempt: 1 });
  });

  it('may leave out everything but its code, and its prompt may be null', async () => {
    expect(await edge.submit({ code: '' })).toMatchObject({ prompt: null, timeout: 30, type: edge.type });
    expect(await edge.submit({ code: '1', prompt: null })).toMatchObject({ prompt: null });
  });

  it.each([
    ['application/json; charset=utf-8'],
    ['application/json;charset="UTF-8"'],
    ['APPLICATION/JSON'],
    ['application/json; profile=x'],
  ])('may be declared as %s', async (contentType) => {
    const task = await edge.submit({ code: '1' }, { headers: { 'content-type': contentType } });
    expect(task.status).toBe('queued');
  });
});

describe('the requests of a submission', () => {
  it('are one to Postgres and one to Redis', async () => {
    await edge.submit({ code: 'warm' });
    expect(await countRequests(edge, () => edge.submit({ code: '1' }))).toEqual({ postgres: 1, redis: 1 });
  });

  it('are the same with an API key that the isolate knows, and one more with a new one', async () => {
    const key = makeApiKey();
    const secretHash = await hashSecret(key.secret);
    await insertApiKey(edge.db(), { id: key.id, tenantId: 'acme', name: 'test', secretHash });
    const submit = async () => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${formatApiKey(key)}` };
      const init = { ...jsonBody({ code: '1' }), headers };
      const response = await edge.fetch('/tasks', init, { AUTH_MODE: 'keys' });
      expect(response.status).toBe(202);
      await edge.settled();
    };
    expect(await countRequests(edge, submit)).toEqual({ postgres: 2, redis: 1 });
    expect(await countRequests(edge, submit)).toEqual({ postgres: 1, redis: 1 });
  });
});

describe('when Redis fails', () => {
  async function expectDispatchByReconcile(id: string): Promise<void> {
    expect(await edge.redis().exists(jobKey(id))).toBe(0);
    await sql`update tasks set dispatch_due = now() where id = ${id}`.execute(edge.db());
    await edge.tick();
    expect(await edge.redis().exists(jobKey(id))).toBe(1);
  }

  it.each([
    ['refuses the token', () => ({ UPSTASH_REDIS_REST_TOKEN: 'not-the-token' })],
    ['is unreachable', () => ({ UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1' })],
  ])('because it %s, the task is accepted, and a later reconcile dispatches it', async (_, bindings) => {
    const response = await edge.fetch('/tasks', jsonBody({ code: 'the code' }), bindings());
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    await edge.settled();

    const [failure] = log.events('enqueue_failed');
    expect(failure).toMatchObject({
      level: 'warn',
      taskId: id,
      requestId: response.headers.get('x-request-id'),
    });
    expect(log.text()).not.toContain('the code');
    expect(log.text()).not.toContain('not-the-token');
    await expectDispatchByReconcile(id);
  });

  it('silently, the answer does not wait for it', async () => {
    const response = await edge.fetch('/tasks', jsonBody({ code: '1' }), {
      UPSTASH_REDIS_REST_URL: inject('silentUrl'),
    });
    expect(response.status).toBe(202);
    // Redis has neither answered nor been given up, or this would have been logged.
    expect(log.events('enqueue_failed')).toEqual([]);
    const { id } = (await response.json()) as { id: string };
    await edge.settled();
    expect(log.events('enqueue_failed')).toHaveLength(1);
    await expectDispatchByReconcile(id);
  });
});

describe('when Postgres is unreachable', () => {
  it('nothing is accepted and nothing is enqueued', async () => {
    const before = await queueKeys(edge);
    const response = await edge.fetch('/tasks', jsonBody({ code: '1' }), {
      SQL_ENDPOINT: 'http://127.0.0.1:1/sql',
    });
    await edge.settled();

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({ code: 'database_unavailable' });
    expect(await queueKeys(edge)).toEqual(before);
  });
});

it('puts nothing of what was submitted anywhere in Redis', async () => {
  const marker = `marker-${crypto.randomUUID()}`;
  await edge.submit({
    code: `console.log("${marker}")`,
    prompt: marker,
    stdin: marker,
    args: [marker],
    env: { SECRET: marker },
    files: [{ path: marker, content: marker }],
  });
  const dump = `
    local found = {}
    for _, key in ipairs(redis.call('KEYS', '*')) do
      if string.find(redis.call('DUMP', key), ARGV[1], 1, true) then table.insert(found, key) end
    end
    return found`;
  expect(await edge.redis().eval(dump, [], [marker.slice(0, 20)])).toEqual([]);
  expect((await queueKeys(edge)).length).toBeGreaterThan(0);
});
