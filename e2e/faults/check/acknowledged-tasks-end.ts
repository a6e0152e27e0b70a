import { isTerminal, type Status } from '@runfleet/shared/model/status.ts';
import type { Invariant } from './invariant.ts';

/** Every task that a client was told is ours is there, and has ended. */
export const acknowledgedTasksEnd: Invariant = {
  name: 'acknowledged-tasks-end',
  violations({ answers, tasks }) {
    const rows = new Map(tasks.map((task) => [task.id, task]));
    const acknowledged = new Map(
      answers.flatMap((answer) => (answer.kind === 'ok' ? [[answer.id, answer.key] as const] : [])),
    );
    return [...acknowledged].flatMap(([id, key]) => {
      const task = rows.get(id);
      if (task === undefined) return [`${key}: task ${id} was acknowledged and is not there`];
      return isTerminal(task.status as Status) ? [] : [`${key}: task ${id} is still ${task.status}`];
    });
  },
};
