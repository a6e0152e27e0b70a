import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { within } from './within.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test('what settles in time passes through, and leaves no timer', async () => {
  expect(await within(1_000, 'late', Promise.resolve('done'))).toBe('done');
  await expect(within(1_000, 'late', Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(vi.getTimerCount()).toBe(0);
});

test('what does not settle in time is an error that says so', async () => {
  const waiting = within(1_000, 'no answer', new Promise(() => {}));
  const refused = expect(waiting).rejects.toThrow('no answer within 1000 ms');
  vi.advanceTimersByTime(1_000);
  await refused;
});
