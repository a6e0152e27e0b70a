import { Redis } from 'ioredis';
import { afterAll, expect, inject, test } from 'vitest';
import { cloneDatabase, emptyDatabase } from '../../shared/test/database.ts';
import { freePort } from '../test/start-redis.ts';
import { firstContact, reachDatabase } from './first-contact.ts';
import { createLogger } from './log.ts';
import { openDatabase } from './open-database.ts';
import { StartError } from './start-error.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.disconnect());

test('services that are there and ready are passed in silence', async () => {
  const database = await cloneDatabase();
  await expect(firstContact(database.db, redis)).resolves.toBeUndefined();
  await database.drop();
});

test('a database without our tables says what to run', async () => {
  const database = await emptyDatabase();
  const refused = reachDatabase(database.db);
  await expect(refused).rejects.toThrow(StartError);
  await expect(refused).rejects.toThrow(/npm run migrate/);
  await database.drop();
});

test('a database that is not there is named by its flag, without its password', async () => {
  const url = `postgres://u:hush@127.0.0.1:${await freePort()}/x`;
  const db = openDatabase(url, 'test', createLogger('test', 'silent'));
  const failure = await reachDatabase(db).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartError);
  expect(String(failure)).toContain('Postgres (--database-url) is not usable: connect ECONNREFUSED');
  expect(String(failure)).not.toContain('hush');
  await db.destroy();
});
