import type { Invariant } from './invariant.ts';

/** Nothing happened that no fault may bring about: an exception that nobody caught, an outcome that cannot be stored. */
export const logsAreQuiet: Invariant = {
  name: 'logs-are-quiet',
  violations({ alarms }) {
    return [...alarms];
  },
};
