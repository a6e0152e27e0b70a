import type { CommandOutcome, RedisReply } from './run-commands.ts';

export type StringEncoding = 'utf8' | 'base64';

export type JsonReply = number | string | null | JsonReply[];

/** An outcome as Upstash writes it: `{result}` or `{error}`. */
export function encodeOutcome(
  outcome: CommandOutcome,
  encoding: StringEncoding,
): { result: JsonReply } | { error: string } {
  if ('error' in outcome) return { error: outcome.error };
  // "OK" is never encoded at the top, whether a status or a value: the client takes it as it is there. Inside arrays it decodes everything.
  if (Buffer.isBuffer(outcome.reply) && outcome.reply.equals(ok)) return { result: 'OK' };
  return { result: encodeReply(outcome.reply, encoding) };
}

const ok = Buffer.from('OK');

function encodeReply(reply: RedisReply, encoding: StringEncoding): JsonReply {
  if (Buffer.isBuffer(reply)) return reply.toString(encoding);
  if (Array.isArray(reply)) return reply.map((item) => encodeReply(item, encoding));
  if (reply instanceof Error) return Buffer.from(reply.message).toString(encoding);
  if (typeof reply === 'string') return Buffer.from(reply).toString(encoding);
  return reply;
}
