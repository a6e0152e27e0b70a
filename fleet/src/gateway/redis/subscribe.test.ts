import { randomUUID } from 'node:crypto';
import { Redis } from '@upstash/redis';
import { Redis as IoRedis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { redisUrl } from '../../../test/services.ts';
import { startRedis } from '../../../test/start-redis.ts';
import { startGateway, type Gateway } from '../index.ts';

vi.setConfig({ testTimeout: 20_000 });

const token = 'test-token';
const databaseUrl = 'postgresql://u:p@127.0.0.1:1/none';
let gateway: Gateway;
let direct: IoRedis;

beforeAll(async () => {
  direct = new IoRedis(redisUrl());
  gateway = await startGateway({ port: 0, token, redisUrl: redisUrl(), databaseUrl });
});

afterAll(async () => {
  await gateway.close();
  await direct.quit();
});

async function subscribers(channel: string): Promise<number> {
  return (await direct.pubsub('NUMSUB', channel))[1] as number;
}

test('@upstash/redis subscribes, hears, and leaves no subscription behind', async () => {
  const channel = `gateway-test:${randomUUID()}`;
  const redis = new Redis({ url: gateway.url, token, enableTelemetry: false });
  const heard: unknown[] = [];
  const subscription = redis.subscribe(channel);
  const subscribed = new Promise((resolve) => subscription.on('subscribe', resolve));
  subscription.on('message', ({ message }) => heard.push(message));
  expect(await subscribed).toBe(1);

  await redis.publish(channel, 'a, b: 🚀');
  await redis.publish(channel, { n: 1 });
  await eventually(() => heard).toEqual(['a, b: 🚀', { n: 1 }]);
  expect(await subscribers(channel)).toBe(1);

  await subscription.unsubscribe();
  await eventually(() => subscribers(channel)).toBe(0);
});

test('@upstash/redis subscribes to a pattern', async () => {
  const name = randomUUID();
  const redis = new Redis({ url: gateway.url, token, enableTelemetry: false });
  const heard: unknown[] = [];
  const subscription = redis.psubscribe(`${name}:*`);
  const subscribed = new Promise((resolve) => subscription.on('psubscribe', resolve));
  subscription.on('pmessage', (message) => heard.push(message));
  await subscribed;
  await redis.publish(`${name}:1`, { n: 1 });
  await eventually(() => heard).toEqual([{ pattern: `${name}:*`, channel: `${name}:1`, message: { n: 1 } }]);
  await subscription.unsubscribe();
});

test('the stream is server-sent events, several lines are several data lines', async () => {
  const channel = randomUUID();
  const response = await fetch(`${gateway.url}/subscribe/${channel}?_token=${token}`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe(`data: subscribe,${channel},1\n\n`);
  await direct.publish(channel, 'one\ntwo');
  expect((await reader.read()).value).toBe(`data: message,${channel},one\ndata: two\n\n`);
  await reader.cancel();
});

test('streams end when Redis goes away and when the gateway closes', async () => {
  const redis = await startRedis();
  const own = await startGateway({ port: 0, token, redisUrl: redis.url, databaseUrl });
  const read = async () => {
    const response = await fetch(`${own.url}/subscribe/c?_token=${token}`);
    const reader = response.body!.getReader();
    await reader.read();
    return async () => expect((await reader.read()).done).toBe(true);
  };
  const ends = await read();
  const survivor = await startGateway({ port: 0, token, redisUrl: redisUrl(), databaseUrl });
  await redis.stop();
  await ends();
  expect((await fetch(`${own.url}/subscribe/c?_token=${token}`)).status).toBe(503);
  await own.close();

  const channel = randomUUID();
  const response = await fetch(`${survivor.url}/subscribe/${channel}?_token=${token}`);
  await survivor.close();
  expect(await response.text()).toBe(`data: subscribe,${channel},1\n\n`);
  await eventually(() => subscribers(channel)).toBe(0);
});
