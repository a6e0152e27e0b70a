import type { History } from '../history/history.ts';

/** Something that must hold of every history, whatever was broken. */
export interface Invariant {
  name: string;
  /** One line for each place where it does not hold; none when it does. */
  violations(history: History): string[];
}
