import { Redis } from '@upstash/redis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { startRedis } from '../../../test/start-redis.ts';
import { startGateway } from '../index.ts';

vi.setConfig({ testTimeout: 20_000 });

const config = { port: 0, token: 'test-token', databaseUrl: 'postgresql://u:p@127.0.0.1:1/none' };

test('while Redis is away every request fails at once with 503, and works again when it is back', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const gateway = await startGateway({ ...config, redisUrl: redis.url });
  onTestFinished(() => gateway.close());
  const client = new Redis({ url: gateway.url, token: config.token, retry: false, enableTelemetry: false });
  expect(await client.ping()).toBe('PONG');

  await redis.stop();
  const startedMs = performance.now();
  await eventually(() => client.ping().catch((error: Error) => error.message)).toContain(
    'Redis cannot be reached',
  );
  await expect(client.multi().ping().exec()).rejects.toThrow('UNAVAILABLE');
  await expect(client.pipeline().ping().exec()).rejects.toThrow('UNAVAILABLE');
  expect(performance.now() - startedMs).toBeLessThan(3_000);
  expect((await fetch(`${gateway.url}/ping?_token=${config.token}`)).status).toBe(503);

  const again = await startRedis(redis.port);
  onTestFinished(() => again.stop());
  await eventually(() => client.ping().catch(() => 'down')).toBe('PONG');
});

test('a command in flight when Redis dies is not repeated, and says that its fate is open', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const gateway = await startGateway({ ...config, redisUrl: redis.url });
  onTestFinished(() => gateway.close());
  const client = new Redis({ url: gateway.url, token: config.token, retry: false, enableTelemetry: false });
  const endless = expect(client.eval('while true do end', [], [])).rejects.toThrow(
    'the command may have run',
  );
  await eventually(() => gateway.counts().redisCommands).toBe(1);
  await redis.stop();
  await endless;
});

test('it starts without Redis', async () => {
  const gateway = await startGateway({ ...config, redisUrl: 'redis://127.0.0.1:1' });
  onTestFinished(() => gateway.close());
  expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/ping?_token=${config.token}`)).status).toBe(503);
});
