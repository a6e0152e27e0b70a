import { expect, inject, it } from 'vitest';
import { expectProblem } from '../../test/expect-problem.ts';
import { useLogLines } from '../../test/log-lines.ts';
import { useEdge } from '../../test/use-edge.ts';
import worker from '../index.ts';

const edge = await useEdge();
const log = useLogLines();

const answers = { ok: true, latencyMs: expect.any(Number) as number };
const fails = { ok: false, latencyMs: expect.any(Number) as number };

it('is healthy without any binding, and asks nobody', async () => {
  const response = await worker.fetch(new Request('https://edge.example/health'), {});
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});

it('is ready when Postgres and Redis answer, and says how fast', async () => {
  const response = await edge.fetch('/ready');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ready', checks: { postgres: answers, redis: answers } });
});

const databaseWithoutTables = () => String(edge.bindings['DATABASE_URL']).replace(/[^/]+$/, 'postgres');

it.each([
  [
    'Redis is unreachable',
    () => ({ UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1' }),
    { postgres: answers, redis: fails },
  ],
  [
    'Redis refuses the token',
    () => ({ UPSTASH_REDIS_REST_TOKEN: 'no' }),
    { postgres: answers, redis: fails },
  ],
  [
    'Redis does not answer',
    () => ({ UPSTASH_REDIS_REST_URL: inject('silentUrl') }),
    { postgres: answers, redis: fails },
  ],
  [
    'Postgres is unreachable',
    () => ({ SQL_ENDPOINT: 'http://127.0.0.1:1/sql' }),
    { postgres: fails, redis: answers },
  ],
  [
    'the migrations are missing',
    () => ({ DATABASE_URL: databaseWithoutTables() }),
    { postgres: fails, redis: answers },
  ],
])('is not ready when %s, and says which', async (_, bindings, checks) => {
  const problem = await expectProblem(await edge.fetch('/ready', {}, bindings()), 'not_ready');
  expect(problem['checks']).toEqual(checks);
  const failed = checks.redis.ok ? 'postgres' : 'redis';
  expect(log.events('not_ready')).toMatchObject([{ check: failed, requestId: problem['requestId'] }]);
});
