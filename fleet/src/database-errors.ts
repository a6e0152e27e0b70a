import { DatabaseError } from 'pg';

/** SQLSTATE classes of statements that would fail again: bad data, a broken constraint, more than Postgres can take. */
const rejectedClasses = ['22', '23', '54'];

/** Whether Postgres refused what a statement carried; everything else may work when it is tried again. */
export function isRejectedData(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && rejectedClasses.includes(error.code?.slice(0, 2) ?? '');
}
