import type { Fault } from './faults/fault.ts';
import type { Random } from './random.ts';

/** Faults without an end: each kind once, in an order that the seed decides, and then again in another one. */
export function* schedule(faults: readonly Fault[], random: Random): Generator<Fault, never> {
  if (faults.length === 0) throw new Error('there is no fault to run');
  for (;;) yield* random.shuffled(faults);
}
