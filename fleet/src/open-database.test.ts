import { defaultTimings } from '@runfleet/shared/model/timings.ts';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { collectLog } from '../test/collect-log.ts';
import { databaseUrl } from '../test/services.ts';
import { startTcpProxy } from '../test/tcp-proxy.ts';
import { openDatabase } from './open-database.ts';

const proxy = await startTcpProxy(databaseUrl());
const db = openDatabase(proxy.url, 'test', collectLog().logger, { ...defaultTimings, leaseMs: 1_000 });
afterEach(async () => {
  await db.destroy();
  await proxy.close();
});

const ask = (seconds = 0) => sql`select pg_sleep(${seconds})`.execute(db);

test('a statement takes as long as a lease at most, and a connection that was forgotten is replaced', async () => {
  await ask();
  await expect(ask(30)).rejects.toThrow('statement timeout');
  proxy.forget();
  await expect(ask()).rejects.toThrow('did not answer');
  await ask();
});
