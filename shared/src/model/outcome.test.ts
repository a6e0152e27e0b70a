import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { killers, limitNames } from './outcome.ts';

const database = await cloneDatabase();
afterAll(() => database.drop());

test.each([
  ['killer', killers],
  ['limit_name', limitNames],
])('the words of %s are those of the database', async (type, words) => {
  const { rows } = await sql<{ label: string }>`
    select enumlabel as label from pg_enum where enumtypid = ${type}::regtype order by enumsortorder`.execute(
    database.db,
  );
  expect(rows.map(({ label }) => label)).toEqual([...words]);
});
