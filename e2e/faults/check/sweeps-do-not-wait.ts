import type { Invariant } from './invariant.ts';

/** A wait this long has been seen more than once, and is no moment between two statements. */
const mostMs = 500;

/** What takes rows in any order, and would wait for one that is locked; a record locks those that it names. */
const sweep = /for update(?! of)/i;

/** No sweep waits for a row that another session holds: it takes the others, and leaves that one to its holder. */
export const sweepsDoNotWait: Invariant = {
  name: 'sweeps-do-not-wait',
  violations({ lockWaits }) {
    return lockWaits
      .filter(({ query, waitedMs }) => sweep.test(query) && waitedMs > mostMs)
      .map(
        ({ query, waitedMs }) =>
          `waited ${Math.round(waitedMs)} ms for a lock: ${query.replaceAll(/\s+/g, ' ').slice(0, 120)}`,
      );
  },
};
