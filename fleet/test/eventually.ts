import { expect } from 'vitest';

/** Asks again and again until the assertion that follows holds, for at most 10 s: `await eventually(() => count()).toBe(0)`. */
export function eventually<T>(probe: () => T | Promise<T>) {
  return expect.poll(probe, { timeout: 10_000, interval: 20 });
}
