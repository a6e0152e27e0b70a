import { expect, test } from 'vitest';
import { retryWhile } from './retry-while.ts';

test('it tries until it works, and tells of each failure', async () => {
  let tries = 0;
  const told: unknown[] = [];
  const answer = await retryWhile(
    () => true,
    async () => {
      tries += 1;
      if (tries < 3) throw new Error(`try ${tries}`);
      return 'done';
    },
    (error) => told.push(error),
  );
  expect(answer).toBe('done');
  expect(told).toEqual([new Error('try 1'), new Error('try 2')]);
});

test('it gives up at once with the error that it may not go on after, and tells nobody', async () => {
  const told: unknown[] = [];
  const attempt = () => Promise.reject(new Error('bad data'));
  await expect(
    retryWhile(
      () => false,
      attempt,
      (error) => told.push(error),
    ),
  ).rejects.toThrow('bad data');
  expect(told).toEqual([]);
});

test('it gives up with the last error when the reason to go on is gone', async () => {
  const stopping = new AbortController();
  let tries = 0;
  const attempt = () => {
    tries += 1;
    if (tries === 2) stopping.abort();
    return Promise.reject(new Error(`try ${tries}`));
  };
  await expect(
    retryWhile(
      () => !stopping.signal.aborted,
      attempt,
      () => {},
    ),
  ).rejects.toThrow('try 2');
});
