import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { loggableFailure } from '../loggable-failure.ts';
import { parseJson, readBody } from '../read-body.ts';
import { Refusal } from '../refusal.ts';
import { sqlErrorBody } from './error-body.ts';
import { authorizeSql, type Postgres } from './parse-credential.ts';
import { parseSqlRequest } from './parse-request.ts';
import type { Pools } from './pools.ts';
import { runRequest } from './run-request.ts';

export interface SqlSide {
  pools: Pools;
  postgres: Postgres;
  maxBodyBytes: number;
  maxResponseBytes: number;
  counts: { sqlRequests: number; sqlStatements: number };
  logger: Logger | undefined;
}

/** Answers one request of Neon's SQL over HTTP; every error is written here, in its shape. */
export async function handleSql(
  side: SqlSide,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (request.method !== 'POST') throw new Refusal(405, 'Method not allowed here; use POST');
    const database = authorizeSql(oneHeader(request.headers['neon-connection-string']), side.postgres);
    side.counts.sqlRequests += 1;
    const parsed = parseSqlRequest(request.headers, parseJson(await readBody(request, side.maxBodyBytes)));
    side.counts.sqlStatements += parsed.statements.length;
    const left = new AbortController();
    response.on('close', () => left.abort());
    const body = await runRequest({
      pools: side.pools,
      postgres: side.postgres,
      database,
      request: parsed,
      maxResponseBytes: side.maxResponseBytes,
      signal: left.signal,
    });
    write(response, 200, body);
  } catch (error) {
    const { status, body } = sqlErrorBody(error);
    if (status === 500) side.logger?.error(loggableFailure(error), 'gateway: sql request failed');
    write(response, status, JSON.stringify(body));
  }
}

function oneHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function write(response: ServerResponse, status: number, json: string): void {
  const body = Buffer.from(json);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}
