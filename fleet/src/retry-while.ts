import { setTimeout as delay } from 'node:timers/promises';

const firstDelayMs = 100;
const maxDelayMs = 2_000;

/**
 * Tries until it works, for what only waits on another part's return. Gives up, with the last error, when `mayGoOn`
 * says no: each wait is short, so that is asked often.
 */
export async function retryWhile<T>(
  mayGoOn: (error: unknown) => boolean,
  attempt: () => Promise<T>,
  onRetry: (error: unknown) => void,
): Promise<T> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayGoOn(error)) throw error;
      onRetry(error);
      await delay(delayMs);
    }
  }
}
