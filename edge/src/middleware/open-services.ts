import { createMiddleware } from 'hono/factory';
import { readSettings } from '../bindings.ts';
import type { EdgeContext } from '../context.ts';
import { openDatabase } from '../open-database.ts';
import { openRedis } from '../open-redis.ts';

/** Checks the bindings and opens the clients of a request. Neither client connects before it is used. */
export const openServices = createMiddleware<EdgeContext>(async (c, next) => {
  const settings = readSettings(c.env);
  c.set('settings', settings);
  c.set('db', openDatabase(settings));
  c.set('redis', openRedis(settings));
  await next();
});
