import { afterAll, expect, test } from 'vitest';
import { cloneDatabase, emptyDatabase } from '../../test/database.ts';
import { knownMigrations } from './known-migrations.ts';
import { listAppliedMigrations } from './list-applied-migrations.ts';
import { readServerFacts } from './read-server-facts.ts';

const database = await cloneDatabase();
afterAll(() => database.drop());

test('the server says its version, and its time as it is now', async () => {
  const before = Date.now();
  const { version, now } = await readServerFacts(database.db);
  expect(version).toMatch(/^\d+\.\d+/);
  // On this machine both clocks are one.
  expect(now.getTime()).toBeGreaterThanOrEqual(before - 1);
  expect(now.getTime()).toBeLessThanOrEqual(Date.now() + 1);
});

test('a migrated database has every known migration; one that never was has no table of them', async () => {
  expect(await listAppliedMigrations(database.db)).toEqual(knownMigrations);
  const empty = await emptyDatabase();
  await expect(listAppliedMigrations(empty.db)).rejects.toMatchObject({ code: '42P01' });
  await empty.drop();
});
