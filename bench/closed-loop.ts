/**
 * Runs `step` over and over, `lanes` at once, each lane going on with the next as soon as its last one is done. Steps
 * that have begun are finished.
 *
 * @param mayBegin asked before each step
 * @returns what the steps came to, in no order
 */
export async function closedLoop<T>(
  lanes: number,
  mayBegin: (begun: number) => boolean,
  step: () => Promise<T>,
): Promise<T[]> {
  const done: T[] = [];
  let begun = 0;
  async function lane(): Promise<void> {
    while (mayBegin(begun)) {
      begun += 1;
      done.push(await step());
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return done;
}

/** May begin until this much time has passed. */
export function forTime(ms: number): () => boolean {
  const untilMs = performance.now() + ms;
  return () => performance.now() < untilMs;
}

/** May begin this many. */
export function forCount(count: number): (begun: number) => boolean {
  return (begun) => begun < count;
}
