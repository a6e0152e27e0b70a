import type { Invariant } from './invariant.ts';

/** While nothing was broken: one answer for each request, one attempt and one execution for each task, nothing lost. */
export const cleanRunIsClean: Invariant = {
  name: 'clean-run-is-clean',
  violations({ tasks, attempts, answers, executions, cleanUntilMs }) {
    const clean = tasks.filter(({ createdAtMs }) => createdAtMs < cleanUntilMs);
    const keys = new Set(clean.map(({ key }) => key));
    const rows = Map.groupBy(attempts, ({ taskId }) => taskId);
    const runs = Map.groupBy(executions, ({ key }) => key);
    const unanswered = answers.flatMap((answer) =>
      answer.kind !== 'ok' && answer.sentAtMs < cleanUntilMs ? [`${answer.key}: got no answer`] : [],
    );
    return clean
      .flatMap(({ id, key, attempt, losses }) => {
        const found: string[] = [];
        const claimed = rows.get(id)?.length ?? 0;
        if (attempt !== 1 || losses > 0 || claimed !== 1) {
          found.push(`${key}: is in attempt ${attempt}, was claimed ${claimed} times, lost ${losses} times`);
        }
        const ran = runs.get(key)?.length ?? 0;
        if (ran !== 1) found.push(`${key}: ran ${ran} times`);
        return found;
      })
      .concat(keys.size === 0 ? ['there was no task at all'] : [], unanswered);
  },
};
