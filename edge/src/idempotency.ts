import type { Admission } from '@runfleet/shared/db/insert-task.ts';
import { idempotencyKeyPattern } from '@runfleet/shared/model/limits.ts';
import { canonicalJson } from './canonical-json.ts';
import { ProblemError } from './problem.ts';

/**
 * The value of `Idempotency-Key`; null without one.
 *
 * @throws ProblemError `invalid_idempotency_key`
 */
export function readIdempotencyKey(headers: Headers): string | null {
  const key = headers.get('idempotency-key');
  if (key === null || idempotencyKeyPattern.test(key)) return key;
  const detail =
    key.length > 255
      ? `The key has ${key.length} characters.`
      : 'The key is empty, or not all printable ASCII.';
  throw new ProblemError('invalid_idempotency_key', { detail });
}

/** What stands for a submission: its key, and the hash of its body as it was sent, before any default. */
export async function identify(key: string | null, body: unknown): Promise<Admission['idempotency']> {
  if (key === null) return null;
  const text = new TextEncoder().encode(canonicalJson(body));
  return { key, bodyHash: new Uint8Array(await crypto.subtle.digest('SHA-256', text)) };
}
