import { ping } from '@runfleet/shared/db/ping.ts';
import type { Database } from '@runfleet/shared/db/database.ts';
import type { Redis } from 'ioredis';
import { StartError } from './start-error.ts';
import { within } from './within.ts';

const firstContactMs = 10_000;

/** Finds out at the start, and says clearly, when Postgres or Redis is not there or not ready for us. */
export async function firstContact(db: Database, redis: Redis): Promise<void> {
  await reachDatabase(db);
  try {
    await within(firstContactMs, 'no answer', redis.ping());
  } catch (error) {
    throw new StartError(`Redis (--redis-url) is not usable: ${explain(error)}`);
  }
}

/** @throws StartError when Postgres is not there, or has not been migrated */
export async function reachDatabase(db: Database): Promise<void> {
  try {
    await within(firstContactMs, 'no answer', ping(db));
  } catch (error) {
    throw new StartError(`Postgres (--database-url) is not usable: ${explain(error)}`);
  }
}

function explain(error: unknown): string {
  // Node reports a refused connection to a name with several addresses as one error without a message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const message = first instanceof Error ? first.message : String(first);
  const missing = first instanceof Error && 'code' in first && first.code === '42P01';
  return missing ? `${message}; run the migrations first (npm run migrate)` : message;
}
