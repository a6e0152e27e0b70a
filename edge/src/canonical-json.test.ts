import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

/** The same value with the fields of its objects in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, reversed(field)]);
  return Object.fromEntries(fields.toReversed()) as unknown;
}

it('is JSON of the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      expect(JSON.parse(canonicalJson(JSON.parse(json)))).toEqual(JSON.parse(json));
    }),
  );
});

it('is one text for any order of fields and any white space', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const spaced: unknown = JSON.parse(JSON.stringify(reversed(value), null, 3));
      expect(canonicalJson(spaced)).toBe(canonicalJson(value));
    }),
  );
});

it.each([
  ['a list in another order', [1, 2], [2, 1]],
  ['a number that is text', { a: 1 }, { a: '1' }],
  ['nothing in place of null', {}, { a: null }],
  ['a name that holds the mark between two fields', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
])('tells %s apart', (_what, one, other) => {
  expect(canonicalJson(one)).not.toBe(canonicalJson(other));
});

it('is the same for numbers that are the same', () => {
  expect(canonicalJson(JSON.parse('[1.0, 1e2, 0.10]'))).toBe('[1,100,0.1]');
});
