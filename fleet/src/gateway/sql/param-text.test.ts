import { expect, test } from 'vitest';
import { paramText } from './param-text.ts';

test.each([
  [null, null],
  ['a "b"', 'a "b"'],
  [1.5, '1.5'],
  [true, 'true'],
  [{ a: [1] }, '{"a":[1]}'],
  [[], '{}'],
  [[1, null, 'NULL', true], '{1,NULL,"NULL",true}'],
  [['a"b', String.raw`c\d`, 'e\nf'], '{"a\\"b","c\\\\d","e\nf"}'],
  [[['x'], ['y']], '{{"x"},{"y"}}'],
  [[{ a: 'b' }], String.raw`{"{\"a\":\"b\"}"}`],
])('%j', (value, text) => {
  expect(paramText(value)).toBe(text);
});
