import { setTimeout as delay } from 'node:timers/promises';

class TooLate extends Error {
  override name = 'TooLate';
}

/**
 * Looks again and again until what it sees is neither null nor false. A look that fails is one that saw nothing: the
 * services that it asks come and go.
 *
 * @throws TooLate when that does not come within the time
 */
export async function until<T>(
  wish: string,
  withinMs: number,
  look: () => Promise<T | null | false>,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const sight = await look().catch(() => null);
    if (sight !== null && sight !== false) return sight;
    signal?.throwIfAborted();
    if (performance.now() > deadline) throw new TooLate(`not within ${withinMs} ms: ${wish}`);
    await delay(50, undefined, { signal });
  }
}

/** The same, for what may well not come: null then. */
export async function mayCome<T>(
  withinMs: number,
  look: () => Promise<T | null | false>,
  signal?: AbortSignal,
): Promise<T | null> {
  try {
    return await until('', withinMs, look, signal);
  } catch (error) {
    if (error instanceof TooLate) return null;
    throw error;
  }
}
