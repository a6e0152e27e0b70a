import type { History } from '../history/history.ts';

export interface Recovery {
  key: string;
  /** From the end of the last fault that it met to its own end; null when it met none, or ended within it. */
  afterFaultMs: number | null;
  /** How long it took in all, without the time in which something was broken. */
  calmMs: number;
}

/** How long each task took, set against the faults that it met. */
export function recoveries({ tasks, faults, endedAtMs }: History): Recovery[] {
  return tasks.map((task) => {
    const end = task.endedAtMs ?? endedAtMs;
    const met = faults.filter(
      ({ startedAtMs, healedAtMs }) => startedAtMs < end && healedAtMs > task.createdAtMs,
    );
    const lastHealed = Math.max(...met.map(({ healedAtMs }) => healedAtMs));
    // One fault comes after another, so their times do not overlap.
    const brokenMs = met.reduce(
      (sum, { startedAtMs, healedAtMs }) =>
        sum + Math.min(end, healedAtMs) - Math.max(task.createdAtMs, startedAtMs),
      0,
    );
    return {
      key: task.key,
      afterFaultMs: met.length > 0 && lastHealed < end ? end - lastHealed : null,
      calmMs: end - task.createdAtMs - brokenMs,
    };
  });
}
