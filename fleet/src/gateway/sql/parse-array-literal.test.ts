import { expect, test } from 'vitest';
import { parseArrayLiteral } from './parse-array-literal.ts';

test.each([
  ['{}', []],
  ['{1,NULL,"NULL",a b}', ['1', null, 'NULL', 'a b']],
  [String.raw`{"a\"b","c\\d","e,{f}",""}`, ['a"b', String.raw`c\d`, 'e,{f}', '']],
  [
    '{{1,2},{3,NULL}}',
    [
      ['1', '2'],
      ['3', null],
    ],
  ],
  ['[0:1]={x,y}', ['x', 'y']],
])('%s', (literal, items) => {
  expect(parseArrayLiteral(literal)).toEqual(items);
});

test.each(['{1', '{"a', '{{1}'])('%s is unbalanced', (literal) => {
  expect(() => parseArrayLiteral(literal)).toThrow('unbalanced');
});
