import { expect, test } from 'vitest';
import { collectLog } from '../test/collect-log.ts';
import { redisUrl } from '../test/services.ts';
import { startTcpProxy } from '../test/tcp-proxy.ts';
import { openRedis } from './open-redis.ts';

test('a connection that was forgotten is replaced, and what it was asked is asked again', async () => {
  const proxy = await startTcpProxy(redisUrl());
  const redis = openRedis(proxy.url, 'test', collectLog().logger, 300);
  expect(await redis.ping()).toBe('PONG');
  proxy.forget();
  expect(await redis.ping()).toBe('PONG');
  redis.disconnect();
  await proxy.close();
});
