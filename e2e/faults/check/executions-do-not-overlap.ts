import type { Execution } from '../history/ledger.ts';
import type { History } from '../history/history.ts';
import type { Invariant } from './invariant.ts';

/** Clocks of one machine; a program notes that it lives before it does. */
const toleranceMs = 50;

/**
 * A task never runs twice at the same time, unless the worker of the earlier run was stopped, so that it could not end
 * it. One that is only cut off ends what it runs before anybody else may start it.
 */
export const executionsDoNotOverlap: Invariant = {
  name: 'executions-do-not-overlap',
  violations(history) {
    const taskOf = new Map(history.tasks.map((task) => [task.key, task.id]));
    const attemptsOf = Map.groupBy(history.attempts, ({ taskId }) => taskId);
    return [...Map.groupBy(history.executions, ({ key }) => key)].flatMap(([key, runs]) => {
      const inOrder = runs.toSorted((one, other) => one.startedAtMs - other.startedAtMs);
      return inOrder.flatMap((later, index) => {
        const earlier = inOrder[index - 1];
        if (earlier === undefined) return [];
        const overlapMs = earlier.lastSeenAtMs - later.startedAtMs;
        if (overlapMs <= toleranceMs) return [];
        const workers = (attemptsOf.get(taskOf.get(key) ?? '') ?? [])
          .filter(({ attempt }) => attempt === earlier.attempt)
          .map(({ workerId }) => workerId);
        if (workers.some((worker) => wasPaused(worker, earlier, history))) return [];
        return [
          `${key}: attempt ${earlier.attempt} on ${workers.join(', ')} still ran ${Math.round(overlapMs)} ms after ` +
            `attempt ${later.attempt} had begun`,
        ];
      });
    });
  },
};

function wasPaused(worker: string, run: Execution, { faults }: History): boolean {
  return faults.some(
    ({ paused, startedAtMs, healedAtMs }) =>
      paused.includes(worker) && startedAtMs <= run.lastSeenAtMs && healedAtMs >= run.startedAtMs,
  );
}
