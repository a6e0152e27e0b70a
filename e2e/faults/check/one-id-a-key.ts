import type { Invariant } from './invariant.ts';

/** One Idempotency-Key of a tenant is one task, however often it was sent, and every answer names it. */
export const oneIdAKey: Invariant = {
  name: 'one-id-a-key',
  violations({ answers, tasks }) {
    const ids = Map.groupBy(
      [
        ...tasks.map(({ key, id }) => ({ key, id })),
        ...answers.flatMap((answer) => (answer.kind === 'ok' ? [{ key: answer.key, id: answer.id }] : [])),
      ],
      ({ key }) => key,
    );
    return [...ids].flatMap(([key, entries]) => {
      const distinct = new Set(entries.map(({ id }) => id));
      return distinct.size > 1 ? [`${key} is ${distinct.size} tasks: ${[...distinct].join(', ')}`] : [];
    });
  },
};
