import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultTimings } from '../model/timings.ts';
import { redispatchBounds, redispatchDelayMs } from './redispatch.ts';

const bounds = redispatchBounds(defaultTimings);

const ageMs = fc.integer({ min: 0, max: 10 * bounds.maxMs });

test('a fresh task waits the least, a very old one the most, and one between as long as it has waited', () => {
  expect(redispatchDelayMs(0, bounds)).toBe(bounds.minMs);
  expect(redispatchDelayMs(60_000, bounds)).toBe(60_000);
  expect(redispatchDelayMs(bounds.maxMs + 1, bounds)).toBe(bounds.maxMs);
});

test('the wait never shrinks as the task grows older', () => {
  fc.assert(
    fc.property(ageMs, ageMs, (one, other) => {
      const [younger, older] = [Math.min(one, other), Math.max(one, other)];
      expect(redispatchDelayMs(younger, bounds)).toBeLessThanOrEqual(redispatchDelayMs(older, bounds));
    }),
  );
});

test('the wait is bounded, even for a task from the future', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (queuedForMs) => {
      const delayMs = redispatchDelayMs(queuedForMs, bounds);
      expect(delayMs).toBeGreaterThanOrEqual(bounds.minMs);
      expect(delayMs).toBeLessThanOrEqual(bounds.maxMs);
    }),
  );
});
