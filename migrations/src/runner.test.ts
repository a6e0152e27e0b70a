import { readdirSync } from 'node:fs';
import type { Migration } from 'kysely/migration';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cloneDatabase, emptyDatabase, type TestDatabase } from '../../shared/test/database.ts';
import { nothing, readSchema } from '../test/read-schema.ts';
import { migrate, migrationStatus } from './runner.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await emptyDatabase();
});
afterEach(() => database.drop());

const stepsFolder = new URL('../', import.meta.url);
const steps = readdirSync(stepsFolder)
  .filter((name) => /^\d{4}-/.test(name))
  .toSorted();

test('all steps up, all down and up again leave the same schema, and nothing of ours between', async () => {
  await migrate(database.url);
  const before = await readSchema(database.db);
  expect(Object.keys(before['tables']!)).toContain('tasks');

  await migrate(database.url, 'all-down');
  expect(await readSchema(database.db)).toEqual(nothing);

  await migrate(database.url);
  expect(await readSchema(database.db)).toEqual(before);
});

test("each step's down takes back what its up made, and nothing else", async () => {
  for (const name of steps) {
    const step = (await import(new URL(name, stepsFolder).href)) as Required<Migration>;
    const before = await readSchema(database.db);
    await step.up(database.db);
    const after = await readSchema(database.db);
    expect(after, `${name} changes nothing`).not.toEqual(before);
    await step.down(database.db);
    expect(await readSchema(database.db), `after ${name} was taken back`).toEqual(before);
    await step.up(database.db);
    expect(await readSchema(database.db), `after ${name} was applied again`).toEqual(after);
  }
});

test('steps are numbered one after the other', () => {
  expect(steps.map((name) => Number(name.slice(0, 4)))).toEqual(steps.map((_, index) => index + 1));
});

test('it says what it did, and does nothing twice', async () => {
  const applied = await migrate(database.url);
  expect(applied).toEqual(steps.map((name) => ({ name: name.replace('.ts', ''), direction: 'Up' })));
  expect(await migrate(database.url)).toEqual([]);
});

test('down takes back the newest step only', async () => {
  await migrate(database.url);
  const newest = steps.at(-1)!.replace('.ts', '');
  expect(await migrate(database.url, 'down')).toEqual([{ name: newest, direction: 'Down' }]);
  const status = await migrationStatus(database.url);
  expect(status.filter(({ appliedAt }) => appliedAt === null)).toEqual([{ name: newest, appliedAt: null }]);
});

test('of migrations that race, each step is applied by one', async () => {
  const applied = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)]);
  expect(applied.flat()).toHaveLength(steps.length);
});

test('the template of the tests has every step', async () => {
  const template = await cloneDatabase();
  try {
    await migrate(database.url);
    expect(await readSchema(template.db)).toEqual(await readSchema(database.db));
  } finally {
    await template.drop();
  }
});
