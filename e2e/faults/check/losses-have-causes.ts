import { causesOfLoss } from './causes-of-loss.ts';
import type { Invariant } from './invariant.ts';

/**
 * An attempt is lost, and its code run again, only when something happened to its worker or to its outcome that may cost
 * it. Losing a recorder, the edge, a gateway, or the way to one of them may not.
 */
export const lossesHaveCauses: Invariant = {
  name: 'losses-have-causes',
  violations(history) {
    const keyOf = new Map(history.tasks.map(({ id, key }) => [id, key]));
    return history.attempts
      .filter(({ outcome }) => outcome === 'lost' || outcome === 'late')
      .filter((attempt) => causesOfLoss(attempt, history).length === 0)
      .map(
        ({ taskId, attempt, delivery, workerId, startedAtMs, endedAtMs }) =>
          `${keyOf.get(taskId) ?? taskId}: attempt (${attempt}, ${delivery}) on ${workerId} was lost after ` +
          `${Math.round((endedAtMs ?? 0) - startedAtMs)} ms, and nothing had happened that costs it`,
      );
  },
};
