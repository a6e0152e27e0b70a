import { expect, test } from 'vitest';
import { coalesce } from './coalesce.ts';

/** A flush that answers when it is told to, and keeps what it was given. */
function heldFlush() {
  const batches: { items: number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const flush = (items: number[]): Promise<number[]> =>
    new Promise((resolve, reject) => {
      batches.push({ items, finish: () => resolve(items.map((item) => item * 10)), fail: reject });
    });
  return { flush, batches };
}

/** Until everything that is ready to go on has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a call that comes alone is flushed at once', async () => {
  const { flush, batches } = heldFlush();
  const answer = coalesce(flush, 10)(1);
  expect(batches.map(({ items }) => items)).toEqual([[1]]);
  batches[0]?.finish();
  expect(await answer).toBe(10);
});

test('calls that come while a flush is under way share the next one, and each gets its own answer', async () => {
  const { flush, batches } = heldFlush();
  const call = coalesce(flush, 10);
  const answers = Promise.all([call(1), call(2), call(3)]);
  expect(batches).toHaveLength(1);
  batches[0]?.finish();
  await settled();
  expect(batches.map(({ items }) => items)).toEqual([[1], [2, 3]]);
  batches[1]?.finish();
  expect(await answers).toEqual([10, 20, 30]);
});

test('no flush begins before the one before it has ended', async () => {
  let underWay = 0;
  const call = coalesce(async (items: number[]) => {
    underWay += 1;
    expect(underWay).toBe(1);
    await settled();
    underWay -= 1;
    return items;
  }, 3);
  const items = Array.from({ length: 20 }, (_, index) => index);
  expect(await Promise.all(items.map(call))).toEqual(items);
});

test('a flush takes no more than the most', async () => {
  const sizes: number[] = [];
  const call = coalesce(async (items: number[]) => {
    sizes.push(items.length);
    await settled();
    return items;
  }, 4);
  await Promise.all(Array.from({ length: 10 }, (_, index) => call(index)));
  expect(sizes).toEqual([1, 4, 4, 1]);
});

test('an error reaches every call of its flush, and no call of the next', async () => {
  const { flush, batches } = heldFlush();
  const call = coalesce(flush, 10);
  const [first, second, third] = [call(1), call(2), call(3)];
  batches[0]?.finish();
  await first;
  await settled();
  const fourth = call(4);
  batches[1]?.fail(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  await expect(third).rejects.toThrow('gone');
  await settled();
  batches[2]?.finish();
  expect(await fourth).toBe(40);
});

test('an error that is thrown before anything is waited for does no other harm', async () => {
  let fails = true;
  const call = coalesce((items: number[]) => {
    if (fails) throw new Error('at once');
    return Promise.resolve(items);
  }, 10);
  await expect(call(1)).rejects.toThrow('at once');
  fails = false;
  expect(await call(2)).toBe(2);
});
