import { expect, it } from 'vitest';
import { useLogLines } from '../../test/log-lines.ts';
import { jsonBody, useEdge } from '../../test/use-edge.ts';

const edge = await useEdge();
const log = useLogLines();

it('writes one line for each request: what it was, how it ended, how long it took', async () => {
  const response = await edge.fetch(
    '/tasks',
    jsonBody({ code: 'console.log("of the client")', prompt: 'of the client' }),
  );
  await edge.settled();
  expect(log.events()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      part: 'edge',
      event: 'request',
      requestId: response.headers.get('x-request-id'),
      method: 'POST',
      route: '/tasks',
      status: 202,
      durationMs: expect.any(Number),
    },
  ]);
});

it.each([
  ['/tasks/0199c2a0-0000-7000-8000-000000000000', '/tasks/:id', 404],
  ['/tasks/x', '/tasks/:id', 400],
  ['/workers/nobody', '/workers/:id', 404],
  ['/tasks?status=no', '/tasks', 400],
  ['/health', '/health', 200],
])('names the route of %s, not its path', async (path, route, status) => {
  await edge.fetch(path);
  expect(log.events('request')).toMatchObject([{ route, status }]);
});

it('gives every answer an id of its own, which no cache may keep', async () => {
  const [a, b] = [
    await edge.fetch('/health'),
    await edge.fetch('/nothing', { headers: { 'x-request-id': 'mine' } }),
  ];
  expect(a.headers.get('x-request-id')).not.toBe(b.headers.get('x-request-id'));
  expect(b.headers.get('x-request-id')).not.toBe('mine');
  expect(b.headers.get('cache-control')).toBe('no-store');
});

const hostile = '\u001b[2J\u0007"}\n{"level":"error","event":"forged"}\r\n\u2028\u202e';

it.each([
  ['in a path', () => edge.fetch(`/${encodeURIComponent(hostile)}`)],
  ['in an id', () => edge.fetch(`/tasks/${encodeURIComponent(hostile)}`)],
  ['in a worker id', () => edge.fetch(`/workers/${encodeURIComponent(hostile)}`)],
  [
    'in a query',
    () => edge.fetch(`/tasks?status=${encodeURIComponent(hostile)}&${encodeURIComponent(hostile)}=1`),
  ],
  [
    'in a header',
    () =>
      edge.fetch('/tasks', {
        headers: { authorization: 'Bearer \t"}{"event":"forged"}', 'user-agent': 'x"}{"event":"forged"' },
      }),
  ],
  ['in a field', () => edge.fetch('/tasks', jsonBody({ code: 1, [hostile]: hostile }))],
  ['in a type', () => edge.fetch('/tasks', jsonBody({ code: '1', type: hostile }))],
  ['in a body that is not JSON', () => edge.fetch('/tasks', jsonBody(hostile))],
  [
    'in the code',
    () =>
      edge.fetch('/tasks', jsonBody({ code: hostile, prompt: hostile }), { UPSTASH_REDIS_REST_TOKEN: 'no' }),
  ],
  [
    'in what Postgres is asked for while it fails',
    () =>
      edge.fetch('/tasks', jsonBody({ code: hostile, prompt: hostile }), {
        DATABASE_URL: String(edge.bindings['DATABASE_URL']).replace(/[^/]+$/, 'postgres'),
      }),
  ],
  ['in a method', () => edge.fetch('/tasks', { method: 'FORGED"}' }).catch(() => edge.fetch('/health'))],
])('what a client sends %s does not reach the log', async (_, send) => {
  await send();
  await edge.settled();
  // `events` itself fails for a line that is not one line of JSON.
  expect(log.events().length).toBeGreaterThan(0);
  expect(log.events('forged')).toEqual([]);
  expect(log.text()).not.toMatch(/[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--\n]/v);
  expect(log.text()).not.toMatch(/forged|runfleet-local|runfleet:runfleet/);
});
