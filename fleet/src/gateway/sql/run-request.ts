import pg from 'pg';
import { Refusal } from '../refusal.ts';
import { cancelBackend, type CancelKey } from './cancel-backend.ts';
import { queryError } from './connection-lost.ts';
import type { SqlRequest } from './parse-request.ts';
import type { Postgres } from './parse-credential.ts';
import type { Pools } from './pools.ts';
import { runStatement, type ResponseBudget } from './run-statement.ts';

export interface SqlRun {
  pools: Pools;
  postgres: Postgres;
  database: string;
  request: SqlRequest;
  maxResponseBytes: number;
  /** Aborted when the client has left: what is running is cancelled, and nothing is committed after. */
  signal: AbortSignal;
}

/** A session that was cancelled, or told to forget, and says nothing for this long is cut off: it would be kept for ever. */
const silenceLimitMs = 2_000;

/**
 * Runs a request on one connection and returns the response body as JSON text: a result object, or for a batch `{results: […]}` of one
 * transaction.
 * @throws pg.DatabaseError, Refusal.
 */
export async function runRequest(run: SqlRun): Promise<string> {
  const client = await run.pools.connect(run.database);
  // A lost connection rejects the running query; pg also emits it, and an `error` that nobody hears ends the process.
  const ignoreError = () => {};
  client.on('error', ignoreError);
  let cutOff: NodeJS.Timeout | undefined;
  const cancel = () => {
    void cancelBackend(run.postgres, client as CancelKey);
    cutOff = setTimeout(() => client.connection.stream.destroy(), silenceLimitMs);
  };
  run.signal.addEventListener('abort', cancel);
  let reusable = false;
  try {
    const body = await runStatements(client, run);
    reusable = true;
    return body;
  } catch (error) {
    reusable = error instanceof pg.DatabaseError;
    throw error;
  } finally {
    run.signal.removeEventListener('abort', cancel);
    clearTimeout(cutOff);
    const giveBack = (clean: boolean) => {
      client.off('error', ignoreError);
      client.release(!clean);
    };
    if (reusable && !run.signal.aborted) void forgetSession(client).then(giveBack);
    else {
      // Postgres may still be at work for nobody (rows beyond the budget, say). And a cancel that is under way could hit the session's
      // next query, so there is none.
      if (!run.signal.aborted) void cancelBackend(run.postgres, client as CancelKey);
      giveBack(false);
    }
  }
}

async function runStatements(
  client: pg.PoolClient,
  { request, maxResponseBytes, signal }: SqlRun,
): Promise<string> {
  const budget: ResponseBudget = { maxBytes: maxResponseBytes, usedBytes: 0 };
  const results: string[] = [];
  if (request.begin !== undefined) await control(client, request.begin);
  try {
    for (const statement of request.statements) {
      refuseIfLeft(signal);
      results.push(await runStatement(client, statement, request.rawText, budget));
    }
    refuseIfLeft(signal);
  } catch (error) {
    if (request.begin !== undefined && error instanceof pg.DatabaseError) await rollback(client);
    throw error;
  }
  if (request.begin === undefined) return results[0]!;
  await control(client, 'commit');
  return `{"results":[${results.join(',')}]}`;
}

async function control(client: pg.PoolClient, text: string): Promise<void> {
  await client.query(text).catch((error: Error) => {
    throw queryError(error);
  });
}

async function rollback(client: pg.PoolClient): Promise<void> {
  // When this fails the connection is gone, and its transaction with it: the statement's error is what counts.
  await client.query('rollback').catch(() => {});
}

function refuseIfLeft(signal: AbortSignal): void {
  if (signal.aborted) throw new Refusal(400, 'Query cancelled: the client has left', '57014');
}

/**
 * Leaves nothing of a request to the next one: settings, temporary tables, prepared statements, advisory locks, listens, roles. Any
 * statement may have set some of these through a function, so looking at the statement is no way to tell. DISCARD ALL costs one round
 * trip, after the client has its answer: measured with `select 1`, 2,500 requests a second instead of 2,800. It fails inside a
 * transaction that a lone `begin` has left open: then the connection is closed, which rolls back.
 * @returns whether the connection is as new.
 */
async function forgetSession(client: pg.PoolClient): Promise<boolean> {
  const cutOff = setTimeout(() => client.connection.stream.destroy(), silenceLimitMs);
  try {
    await client.query('discard all');
    return client.getTransactionStatus() === 'I';
  } catch {
    return false;
  } finally {
    clearTimeout(cutOff);
  }
}
