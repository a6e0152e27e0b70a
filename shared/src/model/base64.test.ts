import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64Length } from './base64.ts';

test('any bytes in base64 have the length that they had', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(base64Length(Buffer.from(bytes).toString('base64'))).toBe(bytes.length);
    }),
  );
});

test('a text is base64 exactly when its bytes, written again, are that text', () => {
  const near = fc.string({ unit: fc.constantFrom(...'AQgwEfz09+/=-_ \n'.split('')) });
  fc.assert(
    fc.property(fc.oneof(near, fc.base64String(), fc.string()), (text) => {
      const bytes = Buffer.from(text, 'base64');
      expect(base64Length(text)).toBe(bytes.toString('base64') === text ? bytes.length : null);
    }),
  );
});

test.each([
  'A',
  'AA',
  'AAA',
  'AAA=A',
  'A===',
  '====',
  'AA=A',
  'AAAA\n',
  ' AAAA',
  'AA A',
  'AB==',
  'AAB=',
  'AA-_',
  'é==',
])('%j is not base64', (text) => {
  expect(base64Length(text)).toBeNull();
});

test('megabytes are no matter', () => {
  expect(base64Length('A'.repeat(16 * 1024 * 1024))).toBe(12 * 1024 * 1024);
});
