import { expect, test } from 'vitest';
import { defaultPoolSize } from './default-pool-size.ts';

test.each([
  ['one for each task at once', 8, 64 * 1024 ** 3, 8],
  ['no more than a quarter of the free memory holds', 100, 2 * 1024 ** 3, 11],
  ['one at the least', 4, 0, 1],
])('%s', (_, concurrency, freeBytes, size) => {
  expect(defaultPoolSize(concurrency, freeBytes)).toBe(size);
});
