import type { Database } from '@runfleet/shared/db/database.ts';
import { listAppliedMigrations } from '@runfleet/shared/db/list-applied-migrations.ts';
import { readServerFacts } from '@runfleet/shared/db/read-server-facts.ts';
import { DatabaseError } from 'pg';
import { explain } from '../../explain-failure.ts';
import { createLogger } from '../../log.ts';
import { openDatabase } from '../../open-database.ts';
import { within } from '../../within.ts';
import { failed, type Finding } from '../finding.ts';
import { judgeClock } from './judge-clock.ts';
import { judgeMigrations } from './judge-migrations.ts';
import { judgePostgres } from './judge-postgres.ts';
import { placeOf } from './place-of.ts';

const answerMs = 5_000;
const undefinedTable = '42P01';

/** Whether Postgres answers, has the tables, and agrees with this host on what time it is. */
export async function checkPostgres(databaseUrl: string): Promise<Finding[]> {
  const place = placeOf(databaseUrl);
  const db = openDatabase(databaseUrl, 'runfleet doctor', createLogger('doctor', 'silent'));
  try {
    // The first statement connects, so the clock is asked by the second.
    await within(answerMs, 'no answer', readServerFacts(db));
    const sentAt = Date.now();
    const { version, now } = await within(answerMs, 'no answer', readServerFacts(db));
    const receivedAt = Date.now();
    const applied = await within(answerMs, 'no answer', applications(db));
    return [
      judgePostgres(place, version),
      judgeMigrations(applied),
      judgeClock({ sentAt, receivedAt, serverAt: now.getTime() }),
    ];
  } catch (error) {
    const means = 'no worker and no recorder starts without it';
    const remedy =
      'start it, or set --database-url (DATABASE_URL) to where it listens, with its user and password';
    return [failed('postgres', `${place}: ${explain(error)}`, means, remedy)];
  } finally {
    // A connection that does not answer must not hold up the report.
    await within(answerMs, 'not closed', db.destroy()).catch(() => {});
  }
}

/** Names; null in a database that was never migrated. */
async function applications(db: Database): Promise<string[] | null> {
  try {
    return await listAppliedMigrations(db);
  } catch (error) {
    if (error instanceof DatabaseError && error.code === undefinedTable) return null;
    throw error;
  }
}
