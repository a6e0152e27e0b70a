import type { CommandOutcome, RedisReply } from './run-commands.ts';

/**
 * An outcome in RESP2, for `Upstash-Response-Format: resp2`. Every text but the status OK is written as a bulk string: ioredis does
 * not tell a status from a bulk string, and to a RESP2 client they are the same value.
 */
export function encodeResp2(outcome: CommandOutcome): Buffer {
  return 'error' in outcome ? errorLine(outcome.error) : encodeValue(outcome.reply, true);
}

/** The outcomes of a pipeline or a transaction, as one RESP2 array. */
export function encodeResp2Array(outcomes: CommandOutcome[]): Buffer {
  return Buffer.concat([Buffer.from(`*${outcomes.length}\r\n`), ...outcomes.map(encodeResp2)]);
}

function encodeValue(reply: RedisReply, top: boolean): Buffer {
  if (reply === null) return Buffer.from('$-1\r\n');
  if (typeof reply === 'number') return Buffer.from(`:${reply}\r\n`);
  if (reply instanceof Error) return errorLine(reply.message);
  if (Array.isArray(reply))
    return Buffer.concat([
      Buffer.from(`*${reply.length}\r\n`),
      ...reply.map((item) => encodeValue(item, false)),
    ]);
  const bytes = Buffer.from(reply);
  if (top && bytes.toString() === 'OK') return Buffer.from('+OK\r\n');
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
}

function errorLine(message: string): Buffer {
  return Buffer.from(`-${message.replaceAll(/[\r\n]+/g, ' ')}\r\n`);
}
