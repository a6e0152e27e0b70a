import type { Termination } from './termination.ts';

/** A longer delay makes a timer of Node's fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Ends the attempt when its wall clock has run out. Returns what calls this off. */
export function endAfterTimeout(termination: Termination, timeoutMs: number): () => void {
  const timer = setTimeout(() => termination.end('timeout'), Math.min(timeoutMs, longestTimerMs));
  return () => clearTimeout(timer);
}
