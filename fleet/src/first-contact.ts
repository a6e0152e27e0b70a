import { ping } from '@runfleet/shared/db/ping.ts';
import type { Database } from '@runfleet/shared/db/database.ts';
import type { Redis } from 'ioredis';
import { explain } from './explain-failure.ts';
import { StartError } from './start-error.ts';
import { within } from './within.ts';

const firstContactMs = 10_000;

/** Finds out at the start, and says clearly, when Postgres or Redis is not there or not ready for us. */
export async function firstContact(db: Database, redis: Redis): Promise<void> {
  await reachDatabase(db);
  try {
    await within(firstContactMs, 'no answer', redis.ping());
  } catch (error) {
    throw new StartError(`Redis (--redis-url) is not usable: ${describe(error)}`);
  }
}

/** @throws StartError when Postgres is not there, or has not been migrated */
export async function reachDatabase(db: Database): Promise<void> {
  try {
    await within(firstContactMs, 'no answer', ping(db));
  } catch (error) {
    throw new StartError(`Postgres (--database-url) is not usable: ${describe(error)}`);
  }
}

/** The message, and for a table that is missing, what makes it. */
function describe(error: unknown): string {
  const isMissingTable = error instanceof Error && 'code' in error && error.code === '42P01';
  return isMissingTable ? `${explain(error)}; run the migrations first (npm run migrate)` : explain(error);
}
