import { readdir } from 'node:fs/promises';
import { Kysely, PostgresDialect } from 'kysely';
import { Migrator, NO_MIGRATIONS, type Migration, type MigrationResultSet } from 'kysely/migration';
import { Pool } from 'pg';

const stepsFolder = new URL('../', import.meta.url);
const stepPattern = /^\d{4}-[a-z0-9-]+\.ts$/;

async function readSteps(): Promise<Record<string, Migration>> {
  const names = (await readdir(stepsFolder)).filter((name) => stepPattern.test(name)).toSorted();
  const steps = await Promise.all(
    names.map(async (name) => {
      const step = (await import(new URL(name, stepsFolder).href)) as Migration;
      return [name.replace(/\.ts$/, ''), step] as const;
    }),
  );
  return Object.fromEntries(steps);
}

export type Direction = 'up' | 'down' | 'all-down';

export interface AppliedStep {
  name: string;
  direction: 'Up' | 'Down';
}

/**
 * Applies the steps that are missing (`up`), takes the newest back (`down`), or all of them (`all-down`). Runs under
 * Kysely's advisory lock, so two at once are safe; all steps of one call are one transaction.
 *
 * @returns the steps that were carried out, in order; empty when there was nothing to do
 * @throws when Postgres cannot be reached, or when a step fails; nothing has changed then
 */
export async function migrate(databaseUrl: string, direction: Direction = 'up'): Promise<AppliedStep[]> {
  return withMigrator(databaseUrl, async (migrator) => {
    const outcome = await carryOut(migrator, direction);
    if (outcome.error !== undefined) {
      const failed = outcome.results?.find((step) => step.status === 'Error');
      const what = failed ? `step ${failed.migrationName} failed` : 'the steps could not be carried out';
      throw new Error(what, { cause: outcome.error });
    }
    return (outcome.results ?? []).map((step) => ({ name: step.migrationName, direction: step.direction }));
  });
}

export interface StepStatus {
  name: string;
  appliedAt: Date | null;
}

/** Every step, oldest first, and when it was applied. */
export async function migrationStatus(databaseUrl: string): Promise<StepStatus[]> {
  return withMigrator(databaseUrl, async (migrator) =>
    (await migrator.getMigrations()).map((step) => ({ name: step.name, appliedAt: step.executedAt ?? null })),
  );
}

function carryOut(migrator: Migrator, direction: Direction): Promise<MigrationResultSet> {
  switch (direction) {
    case 'up':
      return migrator.migrateToLatest();
    case 'down':
      return migrator.migrateDown();
    case 'all-down':
      return migrator.migrateTo(NO_MIGRATIONS);
  }
}

async function withMigrator<T>(databaseUrl: string, use: (migrator: Migrator) => Promise<T>): Promise<T> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 10_000 });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await use(new Migrator({ db, provider: { getMigrations: readSteps } }));
  } finally {
    await db.destroy();
  }
}
