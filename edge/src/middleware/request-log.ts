import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { EdgeContext } from '../context.ts';
import { log } from '../log.ts';

/**
 * Gives each request an id, answers with it, and writes one line when it is done. The line names the route, not the
 * path that the client sent.
 */
export const requestLog = createMiddleware<EdgeContext>(async (c, next) => {
  const startedAtMs = Date.now();
  const requestId = crypto.randomUUID();
  c.set('requestId', requestId);
  await next();
  c.header('x-request-id', requestId);
  c.header('cache-control', 'no-store');
  log('info', 'request', {
    requestId,
    method: c.req.method,
    route: routePath(c, -1),
    status: c.res.status,
    durationMs: Date.now() - startedAtMs,
  });
});
