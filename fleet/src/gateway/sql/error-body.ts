import pg from 'pg';
import { Refusal } from '../refusal.ts';

/** The error fields that Neon's driver copies into its NeonDbError. */
const databaseErrorFields = [
  'code',
  'severity',
  'detail',
  'hint',
  'position',
  'internalPosition',
  'internalQuery',
  'where',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'file',
  'line',
  'routine',
] as const;

/**
 * What to answer for an error of the SQL side, in Neon's shape `{message, code, …}`.
 *
 * A connection that failed is 400 too: the driver reads the body of no other status, and a caller wants the code. 08001: never
 * connected, nothing has run, a repeat is safe. 08006: lost in the middle, whether it ran is unknown.
 */
export function sqlErrorBody(error: unknown): { status: number; body: Record<string, string | null> } {
  if (error instanceof Refusal)
    return {
      status: error.status,
      body: { message: error.message, code: error.sqlState ?? null, severity: 'ERROR' },
    };
  if (error instanceof pg.DatabaseError) {
    const fields = databaseErrorFields.map((field) => [field, error[field] ?? null] as const);
    return { status: 400, body: { message: error.message, ...Object.fromEntries(fields) } };
  }
  return { status: 500, body: { message: 'The gateway failed', code: 'XX000', severity: 'ERROR' } };
}
