import { expect, it } from 'vitest';
import { useLogLines } from '../test/log-lines.ts';
import { describeError, log } from './log.ts';

const lines = useLogLines();

it('writes one line of JSON that reads back as what was logged', () => {
  const text =
    'a\n\r\t"\\\u0000\u001b[31m\u007f\u009b2J\u2028\u2029\u202e\u2066\u{E0001}\uFEFF é 🎉 日本語 \ud800';
  log('warn', 'example', { text, nested: [{ text }] });
  expect(lines.events()).toEqual([
    { level: 'warn', time: expect.any(String), part: 'edge', event: 'example', text, nested: [{ text }] },
  ]);
  expect(lines.text()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  expect(lines.text()).toContain('é 🎉 日本語');
});

it('describes an error down to its causes, and nothing else of it', () => {
  const cause = Object.assign(new Error('of the driver'), { code: '42P01', query: 'select secrets' });
  const error = new TypeError('of ours', { cause });
  expect(describeError(error)).toEqual({
    name: 'TypeError',
    message: 'of ours',
    code: undefined,
    stack: expect.any(String),
    cause: { name: 'Error', message: 'of the driver', code: '42P01', stack: expect.any(String) },
  });
  expect(describeError('thrown text')).toEqual({ message: 'thrown text' });
});
