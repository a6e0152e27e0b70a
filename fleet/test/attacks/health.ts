const intervalMs = 20;

export interface Health {
  /** The longest time for which the event loop did not turn. */
  longestGapMs: number;
  /** By how much the resident memory of this process grew, at its peak. */
  grownBytes: number;
}

/** Watches how well this process, which runs the executor, is while an attack is on. */
export function watchHealth(): { finish(): Health } {
  const residentBefore = process.memoryUsage.rss();
  let lastMs = performance.now();
  let longestGapMs = 0;
  let peak = residentBefore;
  function look(): void {
    const nowMs = performance.now();
    longestGapMs = Math.max(longestGapMs, nowMs - lastMs);
    lastMs = nowMs;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  const timer = setInterval(look, intervalMs);
  return {
    finish() {
      clearInterval(timer);
      look();
      return { longestGapMs, grownBytes: peak - residentBefore };
    },
  };
}
