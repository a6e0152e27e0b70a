import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crashLimit } from '../model/limits.ts';
import { afterLoss } from './after-loss.ts';

test('a task with attempts left is tried again', () => {
  expect(afterLoss({ maxAttempts: 3, losses: 0, crashes: 0 }, true)).toEqual({ kind: 'retry' });
  expect(afterLoss({ maxAttempts: 3, losses: 1, crashes: 1 }, false)).toEqual({ kind: 'retry' });
});

test('a task that has lost its last attempt fails', () => {
  expect(afterLoss({ maxAttempts: 3, losses: 2, crashes: 0 }, false)).toEqual({
    kind: 'fail',
    reason: 'worker_lost',
  });
  expect(afterLoss({ maxAttempts: 1, losses: 0, crashes: 0 }, true)).toEqual({
    kind: 'fail',
    reason: 'worker_lost',
  });
});

test('a task that has taken its worker down too often is poison, however many attempts it has left', () => {
  expect(afterLoss({ maxAttempts: 10, losses: 2, crashes: 2 }, true)).toEqual({
    kind: 'fail',
    reason: 'poisoned',
  });
});

test('a loss that is no crash does not count towards poison', () => {
  expect(afterLoss({ maxAttempts: 10, losses: 5, crashes: 2 }, false)).toEqual({ kind: 'retry' });
});

test('every task ends, by its attempts or as poison, whatever order its losses come in', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
      (maxAttempts, crashing) => {
        let losses = 0;
        let crashes = 0;
        for (const crash of crashing) {
          const verdict = afterLoss({ maxAttempts, losses, crashes }, crash);
          losses += 1;
          crashes += crash ? 1 : 0;
          if (verdict.kind === 'fail') {
            expect(verdict.reason).toBe(crashes >= crashLimit ? 'poisoned' : 'worker_lost');
            return;
          }
          expect(losses).toBeLessThan(maxAttempts);
        }
        expect.unreachable('it outlived its attempts');
      },
    ),
  );
});
