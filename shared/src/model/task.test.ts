import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeLimitBytes, maxAttemptsLimit, promptLimitBytes } from './limits.ts';
import { tooLargeIssue } from './storable-text.ts';
import { minTimeoutSeconds, retryOf, submissionSchema } from './task.ts';

const schema = submissionSchema({
  types: ['javascript', 'python'],
  defaultTimeoutSeconds: 30,
  maxTimeoutSeconds: 300,
});

function accepts(body: Record<string, unknown>): boolean {
  return schema.safeParse({ code: '1', ...body }).success;
}

/** For each issue the field that it is about, and whether that is too large rather than wrong. */
function refusal(body: Record<string, unknown>): { field: string; tooLarge: boolean }[] {
  const { error } = schema.safeParse({ code: '1', ...body });
  return (error?.issues ?? []).map((issue) => ({
    field: issue.path.join('.'),
    tooLarge: issue.code === 'custom' && issue.params?.['kind'] === tooLargeIssue,
  }));
}

test('what is not said has a default', () => {
  expect(schema.parse({ code: '1' })).toEqual({
    code: '1',
    type: 'javascript',
    timeout: 30,
    maxAttempts: 3,
  });
});

test('the default timeout is never beyond the maximum', () => {
  const short = submissionSchema({ types: ['javascript'], defaultTimeoutSeconds: 30, maxTimeoutSeconds: 10 });
  expect(short.parse({ code: '1' }).timeout).toBe(10);
});

test('what is said is kept', () => {
  const body = { code: 'a', prompt: 'b', type: 'python', timeout: 2.5, maxAttempts: 1 };
  expect(schema.parse(body)).toEqual(body);
});

test.each([
  ['a body that is no object', 'code'],
  ['a list', []],
  ['null', null],
])('%s is refused', (_what, body) => {
  expect(schema.safeParse(body).success).toBe(false);
});

test('an unknown field is refused', () => {
  expect(accepts({ timeoutMs: 5 })).toBe(false);
  expect(schema.safeParse(JSON.parse('{"code":"1","__proto__":{"timeout":1}}')).success).toBe(false);
});

describe.each([
  ['code', codeLimitBytes],
  ['prompt', promptLimitBytes],
])('%s', (field, limit) => {
  test('fits just under and at its limit, and not just over it', () => {
    expect(accepts({ [field]: 'x'.repeat(limit - 1) })).toBe(true);
    expect(accepts({ [field]: 'x'.repeat(limit) })).toBe(true);
    expect(refusal({ [field]: 'x'.repeat(limit + 1) })).toEqual([{ field, tooLarge: true }]);
  });

  test('is measured in bytes of UTF-8, not in characters', () => {
    expect(accepts({ [field]: '😀'.repeat(limit / 4) })).toBe(true);
    expect(refusal({ [field]: `${'😀'.repeat(limit / 4)}x` })).toEqual([{ field, tooLarge: true }]);
    expect(refusal({ [field]: 'é'.repeat(limit / 2 + 1) })).toEqual([{ field, tooLarge: true }]);
  });

  test('may not contain what Postgres cannot hold', () => {
    expect(refusal({ [field]: 'a\0b' })).toEqual([{ field, tooLarge: false }]);
    expect(refusal({ [field]: 'a\ud83d' })).toEqual([{ field, tooLarge: false }]);
    expect(refusal({ [field]: '\ude00a' })).toEqual([{ field, tooLarge: false }]);
    expect(refusal({ [field]: '\ude00\ud83d' })).toEqual([{ field, tooLarge: false }]);
  });

  test.each([5, true, {}, ['x']])('is text, so %j is refused', (value) => {
    expect(refusal({ [field]: value })).toEqual([{ field, tooLarge: false }]);
  });
});

test('code must be there, and may be empty', () => {
  expect(schema.safeParse({}).success).toBe(false);
  expect(accepts({ code: null })).toBe(false);
  expect(accepts({ code: '' })).toBe(true);
});

test('prompt may be null', () => {
  expect(accepts({ prompt: null })).toBe(true);
});

test('only configured types are accepted', () => {
  expect(accepts({ type: 'python' })).toBe(true);
  expect(accepts({ type: 'ruby' })).toBe(false);
  expect(accepts({ type: 'JavaScript' })).toBe(false);
  expect(accepts({ type: null })).toBe(false);
});

test.each([minTimeoutSeconds, 0.5, 299.999, 300])('a timeout of %d s is accepted', (timeout) => {
  expect(schema.parse({ code: '1', timeout }).timeout).toBe(timeout);
});

test.each([0.099, 0, -1, 300.001, Number.NaN, Infinity, '5', null])(
  'a timeout of %j is refused',
  (timeout) => {
    expect(refusal({ timeout })).toEqual([{ field: 'timeout', tooLarge: false }]);
  },
);

test.each([1, maxAttemptsLimit])('%d attempts are accepted', (maxAttempts) => {
  expect(accepts({ maxAttempts })).toBe(true);
});

test.each([0, -1, 1.5, maxAttemptsLimit + 1, '3', null])('%j attempts are refused', (maxAttempts) => {
  expect(refusal({ maxAttempts })).toEqual([{ field: 'maxAttempts', tooLarge: false }]);
});

test.each([1, 0.5 + 1, 604_800])('a task may wait %d s for its start', (expiresIn) => {
  expect(schema.parse({ code: '1', expiresIn }).expiresIn).toBe(expiresIn);
});

test.each([0, -1, 0.999, 604_801, Number.NaN, Infinity, '60', null])(
  'a wait of %j for its start is refused',
  (expiresIn) => {
    expect(refusal({ expiresIn })).toEqual([{ field: 'expiresIn', tooLarge: false }]);
  },
);

test('a task may ask for retries of its code, and what is wrong with that is said of its place', () => {
  expect(retryOf(schema.parse({ code: '1', retry: { limit: 2 } }))).toMatchObject({
    limit: 2,
    delayMs: 1_000,
  });
  expect(retryOf(schema.parse({ code: '1' }))).toBeNull();
  expect(refusal({ retry: { limit: 99 } })).toEqual([{ field: 'retry.limit', tooLarge: false }]);
});

test('any well-formed text without U+0000 that is short enough is accepted as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (code) => {
      fc.pre(!code.includes('\0'));
      expect(schema.parse({ code }).code).toBe(code);
    }),
  );
});
