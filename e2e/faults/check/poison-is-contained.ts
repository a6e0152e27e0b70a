import { crashLimit } from '@runfleet/shared/model/limits.ts';
import type { History } from '../history/history.ts';
import type { TaskRow } from '../history/read-rows.ts';
import { causesOfLoss } from './causes-of-loss.ts';
import type { Invariant } from './invariant.ts';

/**
 * Poison ends as poisoned when it has taken down its workers, and takes down no more of them. What only ran beside it
 * does not end so; what faults of other kinds have hit as often may.
 */
export const poisonIsContained: Invariant = {
  name: 'poison-is-contained',
  violations(history) {
    const poison = new Set(history.sent.filter(({ kind }) => kind === 'poison').map(({ key }) => key));
    const killsOf = Map.groupBy(history.kills, ({ taskId }) => taskId);
    return history.tasks.flatMap((task) => {
      if (!poison.has(task.key)) {
        return task.reason === 'poisoned' && isCollateral(task, history)
          ? [`${task.key}: is no poison, and ended as poisoned because it ran beside some`]
          : [];
      }
      const taken = killsOf.get(task.id)?.length ?? 0;
      if (taken > crashLimit) return [`${task.key}: took down ${taken} workers`];
      if (taken === crashLimit && task.reason !== 'poisoned' && task.endedAtMs !== null) {
        return [`${task.key}: took down ${taken} workers, and ended as ${task.reason}`];
      }
      return [];
    });
  },
};

/** Whether another's poison was all that happened to its last attempt: that one is to run alone. */
function isCollateral(task: TaskRow, history: History): boolean {
  const last = history.attempts.find(({ taskId, attempt }) => taskId === task.id && attempt === task.attempt);
  return last !== undefined && causesOfLoss(last, history).every(({ kind }) => kind === 'poison');
}
