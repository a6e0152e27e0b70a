import type { Invariant } from './invariant.ts';

/** The fence only goes up: the attempt, and within an attempt the delivery. What is charged is never taken back. */
export const attemptsNeverFall: Invariant = {
  name: 'attempts-never-fall',
  violations({ events }) {
    return [...Map.groupBy(events, ({ taskId }) => taskId)].flatMap(([taskId, ofTask]) =>
      ofTask.flatMap((event, index) => {
        const before = ofTask[index - 1];
        if (before === undefined) return [];
        const fell =
          event.attempt < before.attempt ||
          (event.attempt === before.attempt && event.delivery < before.delivery) ||
          event.losses < before.losses ||
          event.crashes < before.crashes;
        const fence = ({ attempt, delivery }: typeof event) => `(${attempt}, ${delivery})`;
        return fell ? [`task ${taskId} fell from ${fence(before)} to ${fence(event)} by ${event.by}`] : [];
      }),
    );
  },
};
