import { expect, test } from 'vitest';
import { defaultTimings, heartbeatTtlMs, leaseMarginMs, timingsSchema } from './timings.ts';

test('what is not said is as by default', () => {
  expect(timingsSchema.parse({})).toEqual(defaultTimings);
  expect(timingsSchema.parse({ leaseSeconds: 2.5 })).toEqual({ ...defaultTimings, leaseMs: 2_500 });
});

test.each([
  { heartbeatSeconds: 0 },
  { leaseSeconds: -1 },
  { dispatchDelaySeconds: '5' },
  { deadlineGraceSeconds: Infinity },
  { heartBeatSeconds: 5 },
])('%j is refused', (given) => {
  expect(timingsSchema.safeParse(given).success).toBe(false);
});

test('a worker may miss two beats, and ends what it runs before its lease is over', () => {
  expect(heartbeatTtlMs(defaultTimings)).toBe(3 * defaultTimings.heartbeatMs);
  expect(leaseMarginMs(defaultTimings)).toBe(3_000);
});
