import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/**
 * Reads a request's whole body.
 * A body of more than `maxBytes` is refused with 413, before it is read when its length is announced.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new Refusal(413, `The request body is larger than ${maxBytes} bytes`, '54000');
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();

  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  // Listeners rather than `for await`: leaving that loop early destroys the socket, and the 413 with it.
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length;
      if (receivedBytes <= maxBytes) chunks.push(chunk);
      else {
        // Read on and drop: closing a socket with unread bytes can reset it before the client has seen the 413.
        chunks.length = 0;
        reject(tooLarge());
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Refusal(400, 'The request ended before its body did')));
  });
}

/** Parses a JSON body; what cannot be parsed is refused with 400, without a word of it in the message. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'The request body is not valid JSON', '22023');
  }
}
