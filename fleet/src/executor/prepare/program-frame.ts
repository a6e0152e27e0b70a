import { randomBytes } from 'node:crypto';
import type { AttemptProgram } from '../attempt.ts';

/** A secret that the bootstrap puts before its reports, so that the code cannot write one. 32 ASCII characters. */
export function createNonce(): string {
  return randomBytes(16).toString('hex');
}

/**
 * What the child reads from fd 3: a big-endian uint32 of the bytes that follow, the nonce, the task as JSON. The nonce
 * stands apart from the JSON so that in the child it never becomes a string.
 */
export function encodeProgramFrame(
  nonce: string,
  { taskId, attempt, code, input }: Pick<AttemptProgram, 'taskId' | 'attempt' | 'code' | 'input'>,
): Buffer {
  const { args, env, files } = input;
  const body = Buffer.from(nonce + JSON.stringify({ taskId, attempt, code, args, env, files }), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}
