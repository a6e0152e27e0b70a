import { randomUUID } from 'node:crypto';
import { neon, neonConfig } from '@neondatabase/serverless';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { createOwnDatabase, type OwnDatabase } from '../../../test/own-database.ts';
import { startGateway, type Gateway } from '../index.ts';

vi.setConfig({ testTimeout: 20_000 });

let database: OwnDatabase;

beforeAll(async () => {
  database = await createOwnDatabase();
});

afterAll(() => database.drop());

async function start(maxConnections = 2): Promise<Gateway> {
  const redisUrl = 'redis://127.0.0.1:1';
  const gateway = await startGateway({
    port: 0,
    token: 't',
    redisUrl,
    databaseUrl: database.url,
    maxConnections,
  });
  onTestFinished(() => gateway.close());
  neonConfig.fetchEndpoint = () => `${gateway.url}/sql`;
  return gateway;
}

/** The sessions that run a statement which holds the marker. */
async function sessions(marker: string): Promise<number[]> {
  const result = await database.outside.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = $1 and state = 'active' and query like $2",
    [database.name, `%${marker}%`],
  );
  return result.rows.map((row) => row.pid);
}

async function running(marker: string): Promise<number> {
  return (await sessions(marker)).length;
}

test('a client that leaves takes its query with it, and the pool is whole after', async () => {
  const gateway = await start(2);
  const marker = randomUUID();
  const leave = new AbortController();
  const sleepers = Array.from({ length: 2 }, () =>
    neon(database.url, { fetchOptions: { signal: leave.signal } }).query(
      `select pg_sleep(600) /* ${marker} */`,
    ),
  );
  const failed = Promise.all(sleepers.map((sleeper) => expect(sleeper).rejects.toThrow('abort')));
  await eventually(() => running(marker)).toBe(2);
  const pids = await sessions(marker);
  leave.abort();
  await failed;
  // The sessions are gone too: a late cancel must not hit somebody else's query in them.
  const alive = () => database.outside.query('select 1 from pg_stat_activity where pid = any($1)', [pids]);
  await eventually(async () => (await alive()).rowCount).toBe(0);
  expect(await neon(database.url)`select 1 as one`).toEqual([{ one: 1 }]);
  expect(gateway.counts().sqlStatements).toBe(3);
});

test('a client that leaves in the middle of a transaction: nothing is committed', async () => {
  await start();
  const table = `left_${randomUUID().replaceAll('-', '')}`;
  await neon(database.url).query(`create table ${table} (id int)`);
  const leave = new AbortController();
  const sql = neon(database.url, { fetchOptions: { signal: leave.signal } });
  const queries = [
    sql.query(`insert into ${table} values (1)`),
    sql.query(`select pg_sleep(600) /* ${table} */`),
  ];
  const failed = expect(sql.transaction(queries)).rejects.toThrow('abort');
  await eventually(() => running(table)).toBe(1);
  leave.abort();
  await failed;
  await eventually(() => running(table)).toBe(0);
  expect(await neon(database.url).query(`select * from ${table}`)).toEqual([]);
});

test('a session that Postgres ends fails its query with a code, and the pool recovers', async () => {
  await start();
  const marker = randomUUID();
  const kill = (state: string) =>
    database.outside.query(
      'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1 and state = $2',
      [database.name, state],
    );
  const query = neon(database.url).query(`select pg_sleep(600) /* ${marker} */`);
  const failed = expect(query).rejects.toMatchObject({ code: '57P01' });
  await eventually(() => running(marker)).toBe(1);
  await kill('active');
  await failed;
  await neon(database.url)`select 1`;
  await eventually(async () => (await kill('idle')).rowCount).toBeGreaterThan(0);
  await eventually(() => neon(database.url)`select 1 as one`.catch(() => [])).toEqual([{ one: 1 }]);
});

test('more databases than pools: those out of use make room', async () => {
  await start();
  const url = new URL(database.url);
  for (let n = 0; n < 40; n += 1) {
    url.pathname = `/no_such_database_${n}`;
    await expect(neon(url.href)`select 1`).rejects.toMatchObject({ code: '3D000' });
  }
  expect(await neon(database.url)`select 1 as one`).toEqual([{ one: 1 }]);
});

test('Postgres that cannot be reached is 08001, at once', async () => {
  const url = 'postgresql://u:p@127.0.0.1:1/d';
  const gateway = await startGateway({
    port: 0,
    token: 't',
    redisUrl: 'redis://127.0.0.1:1',
    databaseUrl: url,
  });
  onTestFinished(() => gateway.close());
  neonConfig.fetchEndpoint = () => `${gateway.url}/sql`;
  await expect(neon(url)`select 1`).rejects.toMatchObject({
    code: '08001',
    message: 'Postgres cannot be reached',
  });
});

test('close leaves no session, may be called twice, and cancels what does not end by itself', async () => {
  const gateway = await start();
  const marker = randomUUID();
  // The driver sends a query only when its result is asked for.
  const quick = neon(database.url)
    .query(`select pg_sleep(0.3), 'done' as word /* ${marker} */`)
    .then((rows) => rows);
  const endless = neon(database.url).query(`select pg_sleep(600) /* ${marker} */`);
  const failed = expect(endless).rejects.toThrow();
  await eventually(() => running(marker)).toBe(2);
  const closing = gateway.close();
  expect(gateway.close()).toBe(closing);
  expect(await quick).toMatchObject([{ word: 'done' }]);
  await closing;
  await failed;
  const left = await database.outside.query('select 1 from pg_stat_activity where datname = $1', [
    database.name,
  ]);
  expect(left.rowCount).toBe(0);
});
