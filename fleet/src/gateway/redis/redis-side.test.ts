import { randomUUID } from 'node:crypto';
import { Redis } from '@upstash/redis';
import { Redis as IoRedis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { redisUrl } from '../../../test/services.ts';
import { startGateway, type Gateway } from '../index.ts';

const token = 'test-token';
let gateway: Gateway;
let direct: IoRedis;
let prefix: string;

beforeAll(async () => {
  prefix = `gateway-test:${randomUUID()}:`;
  direct = new IoRedis(redisUrl());
  gateway = await startGateway({
    port: 0,
    token,
    redisUrl: redisUrl(),
    databaseUrl: 'postgresql://u:p@127.0.0.1:1/none',
    maxBodyBytes: 64 * 1024,
  });
});

afterEach(async () => {
  const keys = await direct.keys(`${prefix}*`);
  if (keys.length > 0) await direct.del(...keys);
});

afterAll(async () => {
  await gateway.close();
  await direct.quit();
});

function client(responseEncoding: 'base64' | false = 'base64'): Redis {
  return new Redis({ url: gateway.url, token, responseEncoding, retry: false, enableTelemetry: false });
}

function request(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(gateway.url + path, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
  });
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return request(path, { method: 'POST', body: JSON.stringify(body), headers });
}

describe.each(['base64', false] as const)('@upstash/redis with responseEncoding %s', (responseEncoding) => {
  test('replies of every type', async () => {
    const redis = client(responseEncoding);
    const key = `${prefix}types`;
    expect(await redis.set(key, 'grüße 🚀 "q"\n')).toBe('OK');
    expect(await redis.get(key)).toBe('grüße 🚀 "q"\n');
    expect(await redis.get(`${prefix}missing`)).toBeNull();
    expect(await redis.set(key, { a: [1, null] })).toBe('OK');
    expect(await redis.get(key)).toEqual({ a: [1, null] });
    expect(await redis.strlen(key)).toBe(14);
    expect(await redis.type(key)).toBe('string');
    expect(await redis.ping()).toBe('PONG');
    expect(await redis.hset(`${prefix}hash`, { f: 'v', g: '2' })).toBe(2);
    expect(await redis.hgetall(`${prefix}hash`)).toEqual({ f: 'v', g: 2 });
    expect(await redis.rpush(`${prefix}list`, 'OK', 'T0s=', '', 'ü')).toBe(4);
    expect(await redis.lrange(`${prefix}list`, 0, -1)).toEqual(['OK', 'T0s=', '', 'ü']);
    expect(await redis.mget(key, `${prefix}missing`)).toEqual([{ a: [1, null] }, null]);
    expect(await redis.zadd(`${prefix}z`, { score: 1.5, member: 'm' })).toBe(1);
    expect(await redis.zrange(`${prefix}z`, 0, -1, { withScores: true })).toEqual(['m', 1.5]);
    expect(await redis.xadd(`${prefix}x`, '1-1', { f: 'v' })).toBe('1-1');
    expect(await redis.xread(`${prefix}x`, '0')).toEqual([[`${prefix}x`, [['1-1', ['f', 'v']]]]]);
    expect(await redis.scan(0, { match: `${prefix}x`, count: 100_000 })).toEqual(['0', [`${prefix}x`]]);
    expect(await redis.expire(key, 100)).toBe(1);
  });

  test('eval: keys and arguments in UTF-8, nested arrays; evalsha falls back on NOSCRIPT', async () => {
    const redis = client(responseEncoding);
    const script = `return {KEYS[1], {ARGV[1], 7, false}, redis.call('set', KEYS[1], ARGV[1]), '${randomUUID()}'}`;
    const reply = [`${prefix}ä`, ['🚀', 7, null], 'OK', expect.any(String)];
    await expect(redis.evalsha('0'.repeat(40), [], [])).rejects.toThrow('NOSCRIPT No matching script');
    expect(await redis.createScript(script).exec([`${prefix}ä`], ['🚀'])).toEqual(reply);
    expect(await redis.eval(script, [`${prefix}ä`], ['🚀'])).toEqual(reply);
  });

  test('errors of a command, of a script, of one command in a pipeline', async () => {
    const redis = client(responseEncoding);
    const key = `${prefix}text`;
    await redis.set(key, 'text');
    await expect(redis.incr(key)).rejects.toThrow('ERR value is not an integer or out of range');
    await expect(redis.eval("return redis.error_reply('MINE own')", [], [])).rejects.toThrow('MINE own');
    const outcomes = await redis.pipeline().get(key).incr(key).set(key, 'b').exec({ keepErrors: true });
    expect(outcomes).toEqual([
      { result: 'text', error: undefined },
      { result: undefined, error: 'ERR value is not an integer or out of range' },
      { result: 'OK', error: undefined },
    ]);
  });

  test('a transaction runs whole, keeps going after a run-time error, and is discarded whole by a bad command', async () => {
    const redis = client(responseEncoding);
    const key = `${prefix}tx`;
    expect(await redis.multi().set(key, 1).incr(key).lrange(`${prefix}none`, 0, -1).exec()).toEqual([
      'OK',
      2,
      [],
    ]);
    const failed = await post('/multi-exec', [
      ['SET', key, 'x'],
      ['INCR', key],
      ['GET', key],
    ]);
    expect(await failed.json()).toEqual([
      { result: 'OK' },
      { error: 'ERR value is not an integer or out of range' },
      { result: 'x' },
    ]);
    await expect(redis.multi().set(key, 'y').exec()).resolves.toEqual(['OK']);
    const discarded = await post('/multi-exec', [
      ['SET', key, 'z'],
      ['SET', key],
    ]);
    expect(discarded.status).toBe(400);
    expect(await discarded.json()).toEqual({
      error: expect.stringMatching(
        /^EXECABORT Transaction discarded because of previous errors\. \(ERR wrong number/,
      ),
    });
    expect(await redis.get(key)).toBe('y');
  });
});

test('concurrent transactions do not interleave', async () => {
  const key = `${prefix}atomic`;
  const redis = client();
  const runs = Array.from({ length: 50 }, () =>
    redis.multi().incr(key).get(key).incr(key).exec<[number, number, number]>(),
  );
  for (const [first, seen, second] of await Promise.all(runs)) {
    expect(seen).toBe(first);
    expect(second).toBe(first + 1);
  }
});

test('binary values: base64 keeps every byte, without it they are read as UTF-8', async () => {
  const bytes = Buffer.from([0x00, 0xff, 0x80, 0x41, 0xc3]);
  await direct.set(`${prefix}bytes`, bytes);
  const encoded = await post('/', ['GET', `${prefix}bytes`], { 'upstash-encoding': 'base64' });
  expect(await encoded.json()).toEqual({ result: bytes.toString('base64') });
  const plain = await post('/', ['GET', `${prefix}bytes`]);
  expect(await plain.json()).toEqual({ result: bytes.toString('utf8') });
  await request(`/set/${encodeURIComponent(`${prefix}put`)}`, { method: 'POST', body: bytes });
  expect(await direct.getBuffer(`${prefix}put`)).toEqual(bytes);
});

test('the path form, with the token in the query', async () => {
  const key = encodeURIComponent(`${prefix}päth/1`);
  const set = await fetch(`${gateway.url}/set/${key}/a%2Fb%20c?EX=100&_token=${token}`);
  expect(await set.json()).toEqual({ result: 'OK' });
  expect(await (await request(`/get/${key}`)).json()).toEqual({ result: 'a/b c' });
  expect(await direct.ttl(`${prefix}päth/1`)).toBeGreaterThan(90);
  expect((await request('/no-such-command/x')).status).toBe(404);
  expect((await request(`/incr/${key}`)).status).toBe(400);
});

test('resp2', async () => {
  const resp2 = { 'upstash-response-format': 'resp2' };
  const commands = [
    ['SET', `${prefix}r`, 'ü'],
    ['GET', `${prefix}r`],
    ['GET', `${prefix}n`],
    ['INCR', `${prefix}i`],
    ['LPUSH'],
  ];
  const pipeline = await post('/pipeline', commands, resp2);
  expect(pipeline.headers.get('content-type')).toBe('application/octet-stream');
  expect(await pipeline.text()).toBe(
    "*5\r\n+OK\r\n$2\r\nü\r\n$-1\r\n:1\r\n-ERR wrong number of arguments for 'lpush' command\r\n",
  );
  expect((await post('/', ['PING'], { ...resp2, 'upstash-encoding': 'base64' })).status).toBe(400);
});

test('who has no token gets 401, and nothing runs', async () => {
  const before = gateway.counts();
  const attempts = [
    fetch(gateway.url, { method: 'POST', body: '["PING"]' }),
    fetch(gateway.url, { method: 'POST', body: '["PING"]', headers: { authorization: 'Bearer test-toke' } }),
    fetch(`${gateway.url}/ping?_token=wrong`),
    fetch(`${gateway.url}/subscribe/c`),
  ];
  for (const response of await Promise.all(attempts)) {
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: expect.stringContaining('WRONGPASS') });
  }
  expect(gateway.counts()).toEqual(before);
});

test('bad requests: method, JSON, argument, refused commands, size', async () => {
  expect((await request('/')).status).toBe(405);
  expect((await request('/get/x', { method: 'DELETE' })).status).toBe(405);
  expect((await request('/', { method: 'POST', body: '{' })).status).toBe(400);
  expect((await post('/', ['SET', 'k', null])).status).toBe(400);
  const refused = await post('/', ['blpop', 'k', 0]);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toEqual({ error: expect.stringContaining('BLPOP blocks') });
  const pipeline = await post('/pipeline', [['SELECT', 1], ['PING']]);
  expect(await pipeline.json()).toEqual([{ error: expect.stringContaining('SELECT') }, { result: 'PONG' }]);
  expect((await post('/multi-exec', [['PING'], ['WATCH', 'k']])).status).toBe(400);
  expect((await post('/', ['SET', `${prefix}big`, 'x'.repeat(70_000)])).status).toBe(413);
  const chunked = new Blob(['x'.repeat(70_000)]).stream();
  expect((await request('/', { method: 'POST', body: chunked, duplex: 'half' })).status).toBe(413);
});

test('counts', async () => {
  const before = gateway.counts();
  await client().pipeline().ping().ping().exec();
  await client().ping();
  const after = gateway.counts();
  expect(after.redisRequests - before.redisRequests).toBe(2);
  expect(after.redisCommands - before.redisCommands).toBe(3);
});
