import type { Invariant } from './invariant.ts';

/** There is no task that no one sent. */
export const noTaskUnsent: Invariant = {
  name: 'no-task-unsent',
  violations({ sent, tasks }) {
    const keys = new Set(sent.map(({ key }) => key));
    return tasks
      .filter(({ key }) => !keys.has(key))
      .map(({ id, key }) => `task ${id} (${key}) was sent by nobody`);
  },
};
