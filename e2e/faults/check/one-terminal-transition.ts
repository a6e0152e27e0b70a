import { isTerminal, type Status } from '@runfleet/shared/model/status.ts';
import type { TaskEvent } from '../history/task-events.ts';
import type { Invariant } from './invariant.ts';

/** A task ends once, and nothing happens to it after that. */
export const oneTerminalTransition: Invariant = {
  name: 'one-terminal-transition',
  violations({ events }) {
    return [...Map.groupBy(events, ({ taskId }) => taskId)].flatMap(([taskId, ofTask]) => {
      const first = ofTask.findIndex(endsIt);
      const after = first === -1 ? [] : ofTask.slice(first + 1);
      return after.map(
        (event) => `task ${taskId} had ended, and then became ${event.newStatus ?? 'removed'} by ${event.by}`,
      );
    });
  },
};

function endsIt({ newStatus }: TaskEvent): boolean {
  return newStatus !== null && isTerminal(newStatus as Status);
}
