import { sql } from 'kysely';
import { beforeEach, expect, it } from 'vitest';
import { countRequests } from '../../test/count-requests.ts';
import { expectProblem } from '../../test/expect-problem.ts';
import { useLogLines } from '../../test/log-lines.ts';
import { claim, record, seedTask, seedWorker } from '../../test/seed.ts';
import { jsonBody, queueKeys, useEdge } from '../../test/use-edge.ts';
import type { Bindings } from '../bindings.ts';

const edge = await useEdge();
useLogLines();
beforeEach(async () => {
  await edge.settled();
  await sql`truncate tasks, workers cascade`.execute(edge.db());
});

const tenantLimit = { MAX_UNFINISHED_PER_TENANT: '3' };
const systemLimit = { MAX_UNFINISHED: '3' };

function post(bindings: Bindings, key?: string) {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  return edge.fetch('/tasks', jsonBody({ code: '1' }, headers), bindings);
}

const rowsIn = async (table: 'tasks' | 'idempotencyKeys') =>
  (await edge.db().selectFrom(table).select('tenantId').execute()).length;

it.each([
  ["the tenant's", tenantLimit, 'tenant_backlog_full', { from: 5, to: 15 }],
  ["the system's", systemLimit, 'system_full', { from: 10, to: 30 }],
] as const)(
  'when %s backlog is full, nothing is accepted, kept or enqueued',
  async (_whose, bindings, code, wait) => {
    const worker = await seedWorker(edge);
    const ids = [await seedTask(edge), await seedTask(edge), await seedTask(edge)];
    const [running] = await claim(edge, worker, ids.slice(0, 1));
    const before = await queueKeys(edge);

    const response = await post(bindings, crypto.randomUUID());
    const seconds = Number(response.headers.get('retry-after'));
    expect(await expectProblem(response, code)).toMatchObject({ limit: 3 });
    expect(Number.isInteger(seconds) && seconds >= wait.from && seconds <= wait.to).toBe(true);
    await edge.settled();
    expect([await rowsIn('tasks'), await rowsIn('idempotencyKeys')]).toEqual([3, 0]);
    expect(await queueKeys(edge)).toEqual(before);

    await record(edge, worker, running!);
    expect((await post(bindings)).status).toBe(202);
    await expectProblem(await post(bindings), code);
  },
);

it('a tenant that is full leaves room for others; a system that is full does not', async () => {
  for (let count = 0; count < 3; count += 1) await seedTask(edge, { tenantId: 'somebody-else' });
  expect((await post(tenantLimit)).status).toBe(202);
  await expectProblem(await post(systemLimit), 'system_full');
});

it('a known key is answered with its task though there is no room', async () => {
  const key = crypto.randomUUID();
  expect((await post({}, key)).status).toBe(202);
  for (let count = 0; count < 3; count += 1) await seedTask(edge);
  for (const bindings of [tenantLimit, systemLimit]) {
    expect((await post(bindings, key)).status).toBe(200);
    await expectProblem(
      await post(bindings),
      bindings === tenantLimit ? 'tenant_backlog_full' : 'system_full',
    );
  }
});

it('a refusal costs one request to Postgres, and none to Redis', async () => {
  for (let count = 0; count < 3; count += 1) await seedTask(edge);
  const refused = async () => {
    await post(tenantLimit);
    await edge.settled();
  };
  expect(await countRequests(edge, refused)).toEqual({ postgres: 1, redis: 0 });
});

it('what can be read of tasks does not depend on it', async () => {
  const ids = [await seedTask(edge), await seedTask(edge), await seedTask(edge)];
  expect((await edge.fetch(`/tasks/${ids[0]}`, {}, systemLimit)).status).toBe(200);
  expect((await edge.fetch('/tasks', {}, systemLimit)).status).toBe(200);
});
