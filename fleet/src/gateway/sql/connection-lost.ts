import pg from 'pg';
import { Refusal } from '../refusal.ts';

/**
 * What pg rejects a query with is either Postgres' own error, which is returned as it is, or says that the connection broke: then
 * nobody knows whether the statement ran.
 */
export function queryError(error: Error): Error {
  if (error instanceof pg.DatabaseError) return error;
  return new Refusal(400, 'The connection to Postgres was lost; the statement may have run', '08006');
}
