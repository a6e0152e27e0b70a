import { expect, test } from 'vitest';
import { codeFailures, retryPolicyOf, retryRequestOf, retryRequestSchema } from './retry.ts';

const accepts = (request: unknown) => retryRequestSchema.safeParse(request).success;

test('whoever says only how often gets a second, twice as long each time, for all but what does not compile', () => {
  expect(retryPolicyOf(retryRequestSchema.parse({ limit: 3 }))).toEqual({
    limit: 3,
    delayMs: 1_000,
    backoff: 'exponential',
    on: codeFailures.filter((reason) => reason !== 'syntax_error'),
  });
});

test('what is said is kept, and shown as it was said', () => {
  const request = {
    limit: 10,
    delay: 0.25,
    backoff: 'fixed' as const,
    on: ['syntax_error' as const, 'signal' as const],
  };
  const policy = retryPolicyOf(retryRequestSchema.parse(request));
  expect(policy).toEqual({ limit: 10, delayMs: 250, backoff: 'fixed', on: ['syntax_error', 'signal'] });
  expect(retryRequestOf(policy)).toEqual(request);
});

test.each([
  {},
  null,
  3,
  [],
  { limit: 0 },
  { limit: 11 },
  { limit: 1.5 },
  { limit: '3' },
  { limit: 3, delay: -1 },
  { limit: 3, delay: 3601 },
  { limit: 3, delay: '1' },
  { limit: 3, delay: null },
  { limit: 3, backoff: 'linear' },
  { limit: 3, on: [] },
  { limit: 3, on: 'timeout' },
  { limit: 3, on: ['timeout', 'timeout'] },
  { limit: 3, on: ['ok'] },
  { limit: 3, on: ['internal'] },
  { limit: 3, on: ['worker_lost'] },
  { limit: 3, on: Array.from({ length: 100_000 }, () => 'timeout') },
  { limit: 3, jitter: true },
])('%j is refused', (request) => {
  expect(accepts(request)).toBe(false);
});

test.each([
  { limit: 1 },
  { limit: 10, delay: 0 },
  { limit: 2, delay: 3600 },
  { limit: 2, on: [...codeFailures] },
])('%j is accepted', (request) => {
  expect(accepts(request)).toBe(true);
});
