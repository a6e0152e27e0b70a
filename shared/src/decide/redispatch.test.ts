import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redispatchDelayMs, redispatchMaxMs, redispatchMinMs } from './redispatch.ts';

const ageMs = fc.integer({ min: 0, max: 10 * redispatchMaxMs });

test('a fresh task waits the least, a very old one the most, and one between as long as it has waited', () => {
  expect(redispatchDelayMs(0)).toBe(redispatchMinMs);
  expect(redispatchDelayMs(60_000)).toBe(60_000);
  expect(redispatchDelayMs(redispatchMaxMs + 1)).toBe(redispatchMaxMs);
});

test('the wait never shrinks as the task grows older', () => {
  fc.assert(
    fc.property(ageMs, ageMs, (one, other) => {
      const [younger, older] = [Math.min(one, other), Math.max(one, other)];
      expect(redispatchDelayMs(younger)).toBeLessThanOrEqual(redispatchDelayMs(older));
    }),
  );
});

test('the wait is bounded, even for a task from the future', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (queuedForMs) => {
      const delayMs = redispatchDelayMs(queuedForMs);
      expect(delayMs).toBeGreaterThanOrEqual(redispatchMinMs);
      expect(delayMs).toBeLessThanOrEqual(redispatchMaxMs);
    }),
  );
});
