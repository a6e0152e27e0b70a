import { expect, test } from 'vitest';
import { createFaults } from './faults/all-faults.ts';
import { Random } from './random.ts';
import { schedule } from './schedule.ts';

function take(seed: string, count: number): string[] {
  const order = schedule(createFaults(), new Random(seed));
  return Array.from({ length: count }, () => order.next().value.name);
}

test('the order follows from the seed, and every kind has its turn before one has its second', () => {
  const kinds = createFaults().map(({ name }) => name);
  const order = take('1', 2 * kinds.length);
  expect(take('1', 2 * kinds.length)).toEqual(order);
  expect(take('2', 2 * kinds.length)).not.toEqual(order);
  for (const round of [order.slice(0, kinds.length), order.slice(kinds.length)]) {
    expect(round.toSorted()).toEqual(kinds.toSorted());
  }
});
