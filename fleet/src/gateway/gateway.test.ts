import { randomUUID } from 'node:crypto';
import { neon, neonConfig } from '@neondatabase/serverless';
import { Redis } from '@upstash/redis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { createOwnDatabase, type OwnDatabase } from '../../test/own-database.ts';
import { redisUrl } from '../../test/services.ts';
import { startGateway, type Gateway, type GatewayConfig } from './index.ts';

vi.setConfig({ testTimeout: 20_000 });

const token = 'test-token-of-some-length';

let database: OwnDatabase;

beforeAll(async () => {
  database = await createOwnDatabase();
});

afterAll(() => database.drop());

async function start(change: Partial<GatewayConfig> = {}): Promise<Gateway> {
  const gateway = await startGateway({
    port: 0,
    token,
    redisUrl: redisUrl(),
    databaseUrl: database.url,
    ...change,
  });
  onTestFinished(() => gateway.close());
  return gateway;
}

test('health needs no credential', async () => {
  const gateway = await start();
  const response = await fetch(`${gateway.url}/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});

test('an unknown path is 404 with JSON; without the token it is 401', async () => {
  const gateway = await start();
  const response = await fetch(`${gateway.url}/favicon.ico?_token=${token}`);
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ error: expect.stringContaining('unknown command') });
  expect((await fetch(`${gateway.url}/favicon.ico`)).status).toBe(401);
});

test('a port in use is a clear error, and leaves nothing open', async () => {
  const gateway = await start();
  await expect(start({ port: gateway.port })).rejects.toThrow(
    `gateway: cannot listen on 127.0.0.1:${gateway.port}: the port is already in use`,
  );
});

test('every interface needs a long token', async () => {
  await expect(start({ host: '0.0.0.0', token: 'short' })).rejects.toThrow('at least 16 characters');
  const gateway = await start({ host: '0.0.0.0' });
  expect(gateway.url).toBe(`http://localhost:${gateway.port}`);
});

test('close right after start, twice at once', async () => {
  const gateway = await startGateway({
    port: 0,
    token,
    redisUrl: 'redis://127.0.0.1:1',
    databaseUrl: database.url,
  });
  await Promise.all([gateway.close(), gateway.close()]);
  await expect(fetch(`${gateway.url}/health`)).rejects.toThrow('fetch failed');
});

test('close lets a running request end, and does not wait for kept-alive connections', async () => {
  const gateway = await start();
  neonConfig.fetchEndpoint = () => `${gateway.url}/sql`;
  const running = neon(database.url)`select pg_sleep(0.2), 'done' as word`.then((rows) => rows);
  await eventually(() => gateway.counts().sqlStatements).toBe(1);
  const startedMs = performance.now();
  await gateway.close();
  expect(performance.now() - startedMs).toBeLessThan(3_000);
  expect(await running).toMatchObject([{ word: 'done' }]);
});

test('200 mixed requests at once each get their own answer', async () => {
  const gateway = await start();
  neonConfig.fetchEndpoint = () => `${gateway.url}/sql`;
  const sql = neon(database.url);
  const redis = new Redis({ url: gateway.url, token, enableTelemetry: false, enableAutoPipelining: false });
  const prefix = `gateway-test:${randomUUID()}:`;
  const requests = Array.from({ length: 200 }, async (_, n): Promise<unknown> => {
    switch (n % 4) {
      case 0:
        return (await sql`select ${n}::int as n`)[0]!['n'];
      case 1:
        return (await sql.transaction([sql`select pg_sleep(0.005)`, sql`select ${n}::int as n`]))[1]![0]![
          'n'
        ];
      case 2:
        return (
          await redis
            .multi()
            .set(prefix + n, n, { ex: 60 })
            .get(prefix + n)
            .exec()
        )[1];
      default:
        return redis.eval('return tonumber(ARGV[1])', [], [n]);
    }
  });
  expect(await Promise.all(requests)).toEqual(Array.from({ length: 200 }, (_, n) => n));
  expect(gateway.counts()).toEqual({
    redisRequests: 100,
    redisCommands: 150,
    sqlRequests: 100,
    sqlStatements: 150,
  });
});

test('the log holds neither keys nor tokens nor statements', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace', base: null }, { write: (line: string) => void lines.push(line) });
  const gateway = await start({ logger });
  neonConfig.fetchEndpoint = () => `${gateway.url}/sql`;
  await fetch(`${gateway.url}/get/secret-key?_token=${token}`);
  await fetch(`${gateway.url}/incrby/secret-key/secret-value?_token=${token}`);
  await neon(database.url)`select 'secret-key'`;
  await neon(database.url)`select secret_column`.catch(() => {});
  await gateway.close();
  const log = lines.join('');
  expect(log).toContain('"side":"sql"');
  for (const secret of ['secret', token, 'postgres:']) expect(log).not.toContain(secret);
});
