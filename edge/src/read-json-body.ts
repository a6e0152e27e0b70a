import { bodyLimitBytes } from '@runfleet/shared/model/limits.ts';
import { ProblemError } from './problem.ts';

/**
 * Reads a request's body as JSON.
 *
 * @throws ProblemError `unsupported_media_type`, `too_large` or `invalid_json`
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  const [mediaType = '', ...parameters] = (request.headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((name) => name.startsWith('charset='));
  if (mediaType.trim() !== 'application/json' || (charset && !/^charset="?utf-8"?$/.test(charset))) {
    throw new ProblemError('unsupported_media_type', {}, { accept: 'application/json' });
  }
  const bytes = await readBounded(request);
  try {
    // Fatal, because code in which bytes were replaced is not the code that was sent.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const detail = error instanceof SyntaxError ? error.message.slice(0, 200) : 'The body is not UTF-8.';
    throw new ProblemError('invalid_json', { detail });
  }
}

/** The whole body, given up as soon as it is larger than any submission can be. */
async function readBounded(request: Request): Promise<Uint8Array> {
  const tooLarge = new ProblemError('too_large', {
    detail: `The body has more than ${bodyLimitBytes} bytes.`,
  });
  if (Number(request.headers.get('content-length')) > bodyLimitBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bodyLimitBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
