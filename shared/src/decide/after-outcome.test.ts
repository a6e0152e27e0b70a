import fc from 'fast-check';
import { expect, test } from 'vitest';
import { internalRetryDelayMs, maxRetryDelayMs } from '../model/limits.ts';
import { backoffs, codeFailures, type RetryPolicy } from '../model/retry.ts';
import { outcomeReasons } from '../model/status.ts';
import { afterOutcome, type OutcomeHistory } from './after-outcome.ts';

const policy: RetryPolicy = { limit: 2, delayMs: 3_000, backoff: 'fixed', on: ['exit_code', 'timeout'] };
const fresh: OutcomeHistory = { maxAttempts: 3, losses: 0, retry: null, retries: 0 };
const asking: OutcomeHistory = { ...fresh, retry: policy };

test.each(outcomeReasons.filter((reason) => reason !== 'internal'))(
  '%s is the end of a task that asks for nothing',
  (reason) => {
    expect(afterOutcome(fresh, reason)).toEqual({ kind: 'end' });
  },
);

test('a failure that the task asks to retry is tried again, so many times', () => {
  const again = { kind: 'retry', charge: 'retry', delayMs: 3_000 };
  expect(afterOutcome(asking, 'exit_code')).toEqual(again);
  expect(afterOutcome({ ...asking, retries: 1 }, 'timeout')).toEqual(again);
  expect(afterOutcome({ ...asking, retries: 2 }, 'exit_code')).toEqual({ kind: 'end' });
});

test('a failure that it does not name is final, and so is success', () => {
  expect(afterOutcome(asking, 'memory_limit')).toEqual({ kind: 'end' });
  expect(afterOutcome(asking, 'ok')).toEqual({ kind: 'end' });
});

test('what the code failed of is no matter of `maxAttempts`, nor is a fault of ours one of its retries', () => {
  expect(afterOutcome({ ...asking, losses: 2 }, 'exit_code')).toMatchObject({ kind: 'retry' });
  expect(afterOutcome({ ...asking, retries: 2 }, 'internal')).toMatchObject({ charge: 'loss' });
});

test('a fault of ours is charged as a loss, and tried again while there are attempts left', () => {
  const again = (delayMs: number) => ({ kind: 'retry', charge: 'loss', delayMs });
  expect(afterOutcome(fresh, 'internal')).toEqual(again(internalRetryDelayMs));
  expect(afterOutcome({ ...fresh, losses: 1 }, 'internal')).toEqual(again(2 * internalRetryDelayMs));
  expect(afterOutcome({ ...fresh, losses: 2 }, 'internal')).toEqual({ kind: 'end' });
  expect(afterOutcome({ ...fresh, maxAttempts: 1 }, 'internal')).toEqual({ kind: 'end' });
});

test('exponential backoff doubles each time, up to an hour', () => {
  const delays = [0, 1, 2, 9].map((retries) => {
    const retry: RetryPolicy = { ...policy, limit: 10, delayMs: 10_000, backoff: 'exponential' };
    return afterOutcome({ ...asking, retry, retries }, 'exit_code');
  });
  expect(delays).toMatchObject(
    [10_000, 20_000, 40_000, maxRetryDelayMs].map((delayMs) => ({ kind: 'retry', delayMs })),
  );
});

test('every task ends, whatever its attempts end of, within its attempts and its retries', () => {
  const anyPolicy: fc.Arbitrary<RetryPolicy> = fc.record({
    limit: fc.integer({ min: 1, max: 10 }),
    delayMs: fc.nat(maxRetryDelayMs),
    backoff: fc.constantFrom(...backoffs),
    on: fc.uniqueArray(fc.constantFrom(...codeFailures), { minLength: 1 }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.option(anyPolicy),
      fc.array(fc.constantFrom(...outcomeReasons), { minLength: 21, maxLength: 21 }),
      (maxAttempts, retry, reasons) => {
        const history = { maxAttempts, losses: 0, retry, retries: 0 };
        for (const reason of reasons) {
          const verdict = afterOutcome(history, reason);
          if (verdict.kind === 'end') return;
          expect(verdict.delayMs).toBeLessThanOrEqual(maxRetryDelayMs);
          if (verdict.charge === 'loss') history.losses += 1;
          else history.retries += 1;
          expect(history.losses).toBeLessThan(maxAttempts);
          expect(history.retries).toBeLessThanOrEqual(retry?.limit ?? 0);
        }
        expect.unreachable('it outlived its attempts and its retries');
      },
    ),
  );
});
