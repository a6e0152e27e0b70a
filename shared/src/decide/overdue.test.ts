import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultTimings } from '../model/timings.ts';
import { overduePatienceMs } from './overdue.ts';

test('with nothing on its way, an attempt past its deadline is lost at once', () => {
  expect(overduePatienceMs(0, defaultTimings)).toBe(0);
});

test('any backlog of outcomes buys the same patience', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), (backlog) => {
      expect(overduePatienceMs(backlog, defaultTimings)).toBe(defaultTimings.backlogPatienceMs);
    }),
  );
});
