import { NeonDbError } from '@neondatabase/serverless';

/** SQLSTATE classes that say that Postgres cannot serve now: connection, resources, operator intervention. */
const unavailableClasses = ['08', '53', '57'];

/** Whether a statement failed because Postgres, or the way to it, is down; not because of what was asked. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof NeonDbError)) return false;
  // Without a SQLSTATE it is not Postgres that spoke: no connection, a timeout, or a proxy's own error.
  return !error.code || unavailableClasses.includes(error.code.slice(0, 2));
}
