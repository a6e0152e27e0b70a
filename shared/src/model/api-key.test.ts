import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { formatApiKey, hashSecret, makeApiKey, parseApiKey } from './api-key.ts';

test('a key that was made reads back as its parts', () => {
  const key = makeApiKey();
  expect(parseApiKey(formatApiKey(key))).toEqual(key);
});

test('keys are long, and no two are alike', () => {
  const keys = Array.from({ length: 100 }, () => makeApiKey());
  for (const { id, secret } of keys) {
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(new Set(keys.map(({ secret }) => secret)).size).toBe(100);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(100);
});

const valid = `rf_${'0a'.repeat(8)}_${'1b'.repeat(32)}`;

test.each([
  ['nothing', ''],
  ['another prefix', valid.replace('rf_', 'sk_')],
  ['no secret', valid.slice(0, 19)],
  ['a short secret', valid.slice(0, -1)],
  ['a long secret', `${valid}0`],
  ['capitals', valid.toUpperCase()],
  ['a space before it', ` ${valid}`],
  ['a line feed behind it', `${valid}\n`],
  ['two keys', `${valid}${valid}`],
])('%s is not a key', (_what, text) => {
  expect(parseApiKey(text)).toBeNull();
});

test('what is read as a key is written as the very same text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constant(valid)), (text) => {
      const parts = parseApiKey(text);
      if (parts !== null) expect(formatApiKey(parts)).toBe(text);
    }),
  );
});

test('of a secret, its SHA-256 is kept', async () => {
  const { secret } = makeApiKey();
  expect(Buffer.from(await hashSecret(secret))).toEqual(createHash('sha256').update(secret).digest());
});
