import { randomBytes } from 'node:crypto';

/** A secret that the bootstrap puts before its reports, so that the code cannot write one. 32 ASCII characters. */
export function createNonce(): string {
  return randomBytes(16).toString('hex');
}

/** What the child reads from fd 3: a big-endian uint32 of the bytes that follow, the nonce, the code in UTF-8. */
export function encodeProgramFrame(nonce: string, code: string): Buffer {
  const body = Buffer.from(nonce + code, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}
