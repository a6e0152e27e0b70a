import { knownMigrations } from '@runfleet/shared/db/known-migrations.ts';
import { expect, inject, test } from 'vitest';
import { migrationStatus } from './runner.ts';

test('the migrations that the statements count on are those of this folder', async () => {
  const steps = await migrationStatus(inject('databaseUrl'));
  expect(
    knownMigrations,
    'shared/src/db/known-migrations.ts is not what is in migrations/: add the new name to it',
  ).toEqual(steps.map(({ name }) => name));
});
