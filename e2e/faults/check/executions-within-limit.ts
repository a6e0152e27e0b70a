import type { Invariant } from './invariant.ts';

/**
 * Code runs no more often than it was claimed, each attempt for itself, and is claimed no more often than its task may
 * lose attempts or have them given back. Executions are counted by the programs themselves, so a run that nobody recorded
 * counts too; and what is completed did run to its end.
 */
export const executionsWithinLimit: Invariant = {
  name: 'executions-within-limit',
  violations({ tasks, attempts, events, executions }) {
    const claimsOf = Map.groupBy(
      events.filter(({ newStatus }) => newStatus === 'running'),
      ({ taskId }) => taskId,
    );
    const attemptsOf = Map.groupBy(attempts, ({ taskId }) => taskId);
    const runsOf = Map.groupBy(executions, ({ key }) => key);
    return tasks.flatMap((task) => {
      const found: string[] = [];
      const claims = claimsOf.get(task.id) ?? [];
      const runs = runsOf.get(task.key) ?? [];
      const givenBack = (attemptsOf.get(task.id) ?? []).filter(({ outcome }) => outcome === 'given_back');
      const mayClaim = task.maxAttempts + givenBack.length;
      if (claims.length > mayClaim)
        found.push(`was claimed ${claims.length} times; ${mayClaim} were allowed`);
      for (const [attempt, ofAttempt] of Map.groupBy(runs, (run) => run.attempt)) {
        const claimed = claims.filter((claim) => claim.attempt === attempt).length;
        if (ofAttempt.length > claimed)
          found.push(`ran attempt ${attempt} ${ofAttempt.length} times, and it was claimed ${claimed} times`);
      }
      if (
        task.status === 'completed' &&
        !runs.some(({ ended, attempt }) => ended && attempt === task.attempt)
      )
        found.push(`is completed, and its attempt ${task.attempt} never came to its end`);
      return found.map((what) => `${task.key} ${what}`);
    });
  },
};
