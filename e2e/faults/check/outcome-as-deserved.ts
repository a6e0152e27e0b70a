import { expectationOf, firstLine } from '../load/programs.ts';
import type { Invariant } from './invariant.ts';

/** Whatever happened on the way, a task ends as its code deserves, with all that it printed. */
export const outcomeAsDeserved: Invariant = {
  name: 'outcome-as-deserved',
  violations({ sent, tasks }) {
    const kindOf = new Map(sent.map(({ key, kind }) => [key, kind]));
    return tasks.flatMap((task) => {
      const kind = kindOf.get(task.key);
      // Whether poison ended as it should, and whether what ended as poisoned should have, is judged by itself.
      if (kind === undefined || kind === 'poison' || task.reason === 'poisoned' || task.endedAtMs === null)
        return [];
      const expected = expectationOf(kind);
      if (task.status !== expected.status || task.reason !== expected.reason) {
        return [`${task.key}: ended as ${task.status}, ${task.reason}, in attempt ${task.attempt}`];
      }
      const bytes = firstLine(task.key, task.attempt).length + 1 + (expected.stdoutBytes ?? 0);
      return task.stdoutBytes === bytes
        ? []
        : [`${task.key}: has ${task.stdoutBytes} bytes of output, not ${bytes}`];
    });
  },
};
