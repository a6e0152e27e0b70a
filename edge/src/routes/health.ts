import { ping } from '@runfleet/shared/db/ping.ts';
import type { Context } from 'hono';
import type { EdgeContext } from '../context.ts';
import { describeError, log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import { askRedis } from '../queue/redis-rest-error.ts';

interface Check {
  ok: boolean;
  latencyMs: number;
}

/** `GET /health`: the process is up. It asks nobody else. */
export function health(c: Context<EdgeContext>): Response {
  return c.json({ status: 'ok' });
}

/** `GET /ready`: Postgres and Redis answer; one request to each. */
export async function ready(c: Context<EdgeContext>): Promise<Response> {
  const requestId = c.get('requestId');
  const [postgres, redis] = await Promise.all([
    check('postgres', requestId, () => ping(c.get('db'))),
    check('redis', requestId, () => askRedis(() => c.get('redis').ping())),
  ]);
  const checks = { postgres, redis };
  if (!postgres.ok || !redis.ok) throw new ProblemError('not_ready', { checks }, { 'retry-after': '5' });
  return c.json({ status: 'ready', checks });
}

async function check(part: string, requestId: string, ask: () => Promise<unknown>): Promise<Check> {
  const startedAtMs = Date.now();
  let ok = true;
  try {
    await ask();
  } catch (error) {
    ok = false;
    log('warn', 'not_ready', { requestId, check: part, error: describeError(error) });
  }
  return { ok, latencyMs: Date.now() - startedAtMs };
}
