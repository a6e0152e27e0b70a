import type { Invariant } from './invariant.ts';

/** Afterwards there is no job, lock, key, process, directory or connection left. */
export const nothingIsLeft: Invariant = {
  name: 'nothing-is-left',
  violations({ leftovers }) {
    return Object.entries(leftovers).flatMap(([what, found]) =>
      (found as string[]).map((line) => `${what}: ${line}`),
    );
  },
};
