import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Redis } from 'ioredis';
import { parseJson, readBody } from '../read-body.ts';
import { Refusal } from '../refusal.ts';
import { authorizeRedis } from './authorize.ts';
import { encodeOutcome } from './encode-reply.ts';
import { encodeResp2, encodeResp2Array } from './encode-resp2.ts';
import { decodeSegment, parseCommand, parseCommands, parsePathCommand } from './parse-command.ts';
import { runCommand, runPipeline, runTransaction, type CommandOutcome } from './run-commands.ts';
import type { Subscriptions } from './subscribe.ts';

export interface RedisSide {
  redis: Redis;
  subscriptions: Subscriptions;
  token: string;
  maxBodyBytes: number;
  counts: { redisRequests: number; redisCommands: number };
}

/** Answers one request of Upstash's REST protocol. @throws Refusal, for the caller to write. */
export async function handleRedis(
  side: RedisSide,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  authorizeRedis(request, url, side.token);
  side.counts.redisRequests += 1;
  const subscribePath = /^\/(p?subscribe)\/(.+)$/i.exec(url.pathname);
  const takesJson = url.pathname === '/' || url.pathname === '/pipeline' || url.pathname === '/multi-exec';
  requireMethod(
    request,
    takesJson ? ['POST'] : subscribePath ? ['GET', 'POST'] : ['GET', 'HEAD', 'POST', 'PUT'],
  );
  const body = await readBody(request, side.maxBodyBytes);

  if (subscribePath !== null) {
    const kind = subscribePath[1]!.toLowerCase() as 'subscribe' | 'psubscribe';
    return side.subscriptions.stream(kind, subscribePath[2]!.split('/').map(decodeSegment), response);
  }
  const format = responseFormat(request);
  if (url.pathname === '/pipeline' || url.pathname === '/multi-exec') {
    const commands = parseCommands(parseJson(body));
    side.counts.redisCommands += commands.length;
    const run = url.pathname === '/pipeline' ? runPipeline : runTransaction;
    const outcomes = await run(side.redis, commands);
    if (Array.isArray(outcomes)) writeOutcomes(response, outcomes, format);
    else writeOutcome(response, 400, outcomes, format);
    return;
  }
  const command = takesJson ? parseCommand(parseJson(body)) : parsePathCommand(url, body);
  side.counts.redisCommands += 1;
  const outcome = await runCommand(side.redis, command);
  writeOutcome(response, statusOf(outcome, takesJson), outcome, format);
}

type ResponseFormat = 'utf8' | 'base64' | 'resp2';

function responseFormat(request: IncomingMessage): ResponseFormat {
  const base64 = request.headers['upstash-encoding'] === 'base64';
  if (request.headers['upstash-response-format'] !== 'resp2') return base64 ? 'base64' : 'utf8';
  if (base64) throw new Refusal(400, 'ERR resp2 is binary already: it cannot be combined with base64');
  return 'resp2';
}

function statusOf(outcome: CommandOutcome, takesJson: boolean): number {
  if (!('error' in outcome)) return 200;
  // In the path form the command is the path: one that Redis does not know is a page that does not exist.
  return !takesJson && outcome.error.startsWith('ERR unknown command') ? 404 : 400;
}

function requireMethod(request: IncomingMessage, methods: string[]): void {
  if (!methods.includes(request.method ?? ''))
    throw new Refusal(405, `ERR method not allowed here; use ${methods.join(', ')}`);
}

function writeOutcome(
  response: ServerResponse,
  status: number,
  outcome: CommandOutcome,
  format: ResponseFormat,
): void {
  if (format === 'resp2') writeBytes(response, status, encodeResp2(outcome));
  else writeJson(response, status, encodeOutcome(outcome, format));
}

function writeOutcomes(response: ServerResponse, outcomes: CommandOutcome[], format: ResponseFormat): void {
  if (format === 'resp2') writeBytes(response, 200, encodeResp2Array(outcomes));
  else
    writeJson(
      response,
      200,
      outcomes.map((outcome) => encodeOutcome(outcome, format)),
    );
}

function writeJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

function writeBytes(response: ServerResponse, status: number, body: Buffer): void {
  response
    .writeHead(status, { 'content-type': 'application/octet-stream', 'content-length': body.length })
    .end(body);
}
