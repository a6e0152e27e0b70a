import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueDepthLimit, valueLimitBytes, valueNoteLimitChars } from '../model/limits.ts';
import { storableValue } from './storable-value.ts';

const nested = (depth: number, inside = '') => '['.repeat(depth) + inside + ']'.repeat(depth);

test('no value stays none', () => {
  expect(storableValue(null)).toBeNull();
});

test('any JSON within the limits is kept as it is', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (json) => {
      expect(storableValue({ json })).toEqual({ json });
    }),
  );
});

test('JSON is kept up to its limit in bytes, not in characters', () => {
  const fits = JSON.stringify('é'.repeat(valueLimitBytes / 2 - 1));
  expect(storableValue({ json: fits })).toEqual({ json: fits });
  expect(storableValue({ json: `${fits} ` })).toEqual({
    note: expect.stringContaining(`${valueLimitBytes + 1} bytes`),
  });
});

test('JSON is kept up to its limit in depth, and brackets inside texts are none', () => {
  for (const json of [
    nested(valueDepthLimit),
    nested(valueDepthLimit, '[]'.slice(2)),
    JSON.stringify('['.repeat(1000)),
    JSON.stringify([`"${'{'.repeat(1000)}\\`]),
    `[${'[],'.repeat(1000)}[]]`,
  ]) {
    expect(storableValue({ json })).toEqual({ json });
  }
  for (const json of [
    nested(valueDepthLimit + 1),
    nested(100_000),
    '['.repeat(100_000),
    '{"a":'.repeat(300),
  ]) {
    expect(storableValue({ json })).toEqual({
      note: `The value is nested more than ${valueDepthLimit} deep.`,
    });
  }
});

test.each(['', '{', 'undefined', '{"a":1,}', '[1] [2]', '\0', 'NaN', "'a'"])(
  '%j is no JSON, and is not kept',
  (json) => {
    expect(storableValue({ json })).toEqual({ note: 'The value could not be read back as JSON.' });
  },
);

test('a note can be stored, whatever is in it', () => {
  expect(storableValue({ note: 'a\0b\ud800' })).toEqual({ note: 'a\uFFFDb\uFFFD' });
  expect(storableValue({ note: 'x'.repeat(5_000) })).toEqual({ note: 'x'.repeat(valueNoteLimitChars) });
});

test('whatever it was, the answer is storable', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const value of [{ json: text }, { note: text }]) {
        const stored = storableValue(value);
        expect(storableValue(stored)).toEqual(stored);
      }
    }),
  );
});
