import { errorCatalogue, type ErrorCode } from '@runfleet/shared/errors.ts';
import { codeLimitBytes } from '@runfleet/shared/model/limits.ts';
import { expect, it } from 'vitest';
import { expectProblem } from '../test/expect-problem.ts';
import type { Bindings } from './bindings.ts';
import { useLogLines } from '../test/log-lines.ts';
import { seedTask, seedWorker } from '../test/seed.ts';
import { jsonBody, useEdge } from '../test/use-edge.ts';

const edge = await useEdge();
const log = useLogLines();

const unreachable = 'http://127.0.0.1:1';

function submitWithKey(key: string, task: object): Promise<Response> {
  return edge.fetch('/tasks', jsonBody(task, { 'idempotency-key': key }));
}

async function submitToFull(limits: Bindings): Promise<Response> {
  await seedTask(edge);
  return edge.fetch('/tasks', jsonBody({ code: '1' }), limits);
}

/** How a client meets each error of the catalogue. */
const provocations: Record<ErrorCode, () => Promise<Response>> = {
  invalid_json: () => edge.fetch('/tasks', jsonBody('{')),
  invalid_task_id: () => edge.fetch('/tasks/1'),
  invalid_worker_id: () => edge.fetch('/workers/-x'),
  invalid_query: () => edge.fetch('/tasks?status=done'),
  invalid_idempotency_key: () => submitWithKey('', {}),
  unauthenticated: () => edge.fetch('/tasks', {}, { AUTH_MODE: 'keys' }),
  not_found: () => edge.fetch('/nothing'),
  task_not_found: () => edge.fetch(`/tasks/${crypto.randomUUID()}`),
  worker_not_found: () => edge.fetch('/workers/nobody'),
  method_not_allowed: () => edge.fetch('/tasks', { method: 'DELETE' }),
  too_large: () => edge.fetch('/tasks', jsonBody({ code: 'x'.repeat(codeLimitBytes + 1) })),
  unsupported_media_type: () => edge.fetch('/tasks', { method: 'POST', body: 'code=1' }),
  invalid_task: () => edge.fetch('/tasks', jsonBody({})),
  idempotency_key_reused: async () => {
    await submitWithKey('used', { code: '1' });
    return submitWithKey('used', { code: '2' });
  },
  tenant_backlog_full: () => submitToFull({ MAX_UNFINISHED_PER_TENANT: '1' }),
  system_full: () => submitToFull({ MAX_UNFINISHED: '1' }),
  internal: () => {
    // A password that Postgres refuses is nothing that a client could know of or wait for.
    const url = String(edge.bindings['DATABASE_URL']).replace(/:\/\/[^@]+@/, '://runfleet:a-wrong-password@');
    return edge.fetch('/tasks', {}, { DATABASE_URL: url });
  },
  misconfigured: () => edge.fetch('/tasks', {}, { UPSTASH_REDIS_REST_TOKEN: '' }),
  database_unavailable: () => edge.fetch('/tasks', {}, { SQL_ENDPOINT: `${unreachable}/sql` }),
  redis_unavailable: async () => {
    await seedWorker(edge);
    return edge.fetch('/workers', {}, { UPSTASH_REDIS_REST_URL: unreachable });
  },
  not_ready: () => edge.fetch('/ready', {}, { UPSTASH_REDIS_REST_URL: unreachable }),
};

it.each(Object.keys(errorCatalogue) as ErrorCode[])(
  '%s can be met, and says what the catalogue says',
  async (code) => {
    const response = await provocations[code]();
    const { requestId } = await expectProblem(response, code);

    expect(log.events('request').at(-1)).toMatchObject({ requestId, status: errorCatalogue[code].status });
    expect(log.text()).not.toContain('a-wrong-password');
    expect(log.text()).not.toContain(String(edge.bindings['UPSTASH_REDIS_REST_TOKEN']));
  },
);

it('names when to come back in every answer that asks for it', async () => {
  for (const code of ['database_unavailable', 'redis_unavailable', 'not_ready'] as const) {
    const response = await provocations[code]();
    expect(response.headers.get('retry-after')).toBe('5');
  }
});

it('logs the reason of an error that the client is not told about, under the same request id', async () => {
  const response = await provocations.internal();
  const requestId = response.headers.get('x-request-id');
  expect(log.events('internal')).toMatchObject([{ level: 'error', requestId, error: { code: '28P01' } }]);
});
