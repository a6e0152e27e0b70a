import { expect, it } from 'vitest';
import { inBatches } from './in-batches.ts';

/** A step with so much to do, and how often it was carried out. */
function work(left: number) {
  const step = {
    calls: 0,
    carryOut: async (limit: number) => {
      step.calls += 1;
      const done = Math.min(left, limit);
      left -= done;
      return done;
    },
  };
  return step;
}

const bounds = { batchSize: 10, batches: 5, budgetMs: 10_000 };

it.each([
  ['nothing', 0, 0, 1],
  ['less than a batch', 9, 9, 1],
  ['a batch', 10, 10, 2],
  ['some batches', 34, 34, 4],
  ['more than all batches', 51, 50, 5],
])('%s is done in as few steps as can be', async (_what, left, done, calls) => {
  const step = work(left);
  expect(await inBatches(bounds, step.carryOut)).toBe(done);
  expect(step.calls).toBe(calls);
});

it('begins no batch when its time is up', async () => {
  const step = work(100);
  const slow = async (limit: number) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return step.carryOut(limit);
  };
  expect(await inBatches({ ...bounds, budgetMs: 5 }, slow)).toBe(10);
});
