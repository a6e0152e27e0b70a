import { recoveryBoundMs } from '../timings.ts';
import { recoveries } from './recoveries.ts';
import type { Invariant } from './invariant.ts';

/** When what broke is whole again, every task that it touched ends within the stated time. */
export const recoveryIsBounded: Invariant = {
  name: 'recovery-is-bounded',
  violations(history) {
    return recoveries(history)
      .filter(({ calmMs }) => calmMs > recoveryBoundMs)
      .map(
        ({ key, calmMs }) =>
          `${key}: took ${Math.round(calmMs)} ms beside the faults that it met; ${recoveryBoundMs} are allowed`,
      );
  },
};
