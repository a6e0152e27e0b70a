const mib = 1024 * 1024;

/** What a child takes that waits for a task; measured on Node 24. */
export const waitingChildBytes = 45 * mib;

/** A child ahead for each task at once, within a quarter of the memory that is free. */
export function defaultPoolSize(concurrency: number, freeBytes: number): number {
  return Math.max(1, Math.min(concurrency, Math.floor(freeBytes / 4 / waitingChildBytes)));
}
