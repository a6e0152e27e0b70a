import { errorCatalogue, type ErrorCode } from '@runfleet/shared/errors.ts';
import { expect } from 'vitest';

/** What no client may ever see: credentials, addresses, statements, places in our source. */
const innards = [
  /runfleet-local/,
  /postgres:/,
  /127\.0\.0\.1/,
  /\\"tasks\\"|api_keys|EVALSHA|MGET|redis\.call/,
  /\.ts\b/,
  /\\n\s+at /,
];

/** Expects a problem of the catalogue, as it stands there, and returns its body. */
export async function expectProblem(response: Response, code: ErrorCode): Promise<Record<string, unknown>> {
  const text = await response.text();
  const body = JSON.parse(text) as Record<string, unknown>;
  const { status, title, remedy } = errorCatalogue[code];
  expect(body).toMatchObject({ type: `urn:runfleet:error:${code}`, status, title, code, remedy });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(body['requestId']).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.headers.get('x-request-id')).toBe(body['requestId']);
  for (const pattern of innards) expect(text).not.toMatch(pattern);
  return body;
}
