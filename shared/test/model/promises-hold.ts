import fc from 'fast-check';
import type { Rules } from './rules.ts';
import { faultOf, type Fault } from './simulation/faults.ts';
import { anyProgram } from './simulation/program.ts';
import { simulate, type Scenario } from './simulation/simulate.ts';
import type { World } from './simulation/world.ts';

/** Its message tells what was broken, and all that happened until then. */
export class BrokenPromise extends Error {}

/** A schedule does not shrink: each choice depends on all before it. So a smaller scenario gets as many as these. */
const schedulesWhileShrinking = 300;

function scenarioOf(faults?: readonly Fault['kind'][]): fc.Arbitrary<Scenario> {
  return fc.record({
    workers: fc.constantFrom(2, 1),
    programs: fc.array(anyProgram, { minLength: 1, maxLength: 2 }),
    faults: fc.array(faultOf(faults), { maxLength: 7 }),
  });
}

/** Says how to break it again, and how it was broken; a schedule tells nothing that the story does not. */
export function reportBrokenPromise(details: fc.RunDetails<[fc.Stream<fc.Scheduler>, Scenario]>): void {
  if (!details.failed) return;
  const { counterexample, numRuns, numShrinks, seed, errorInstance } = details;
  const found = `seed ${seed}, run ${numRuns}, made smaller ${numShrinks} times`;
  throw new Error(`${found}\n${JSON.stringify(counterexample?.[1], null, 1)}\n`, { cause: errorInstance });
}

/**
 * Every promise, for any tasks, under any faults (or those of some kinds), in any order of what happens. To replay a
 * failure, give fast-check its seed, without the path.
 */
export function promisesHold(
  rules: Rules,
  { faults, onEnd = () => {} }: { faults?: readonly Fault['kind'][]; onEnd?: (world: World) => void } = {},
) {
  let isShrinking = false;
  return fc.asyncProperty(
    fc.infiniteStream(fc.scheduler()),
    scenarioOf(faults),
    async (schedules, scenario) => {
      for (const schedule of schedules.take(isShrinking ? schedulesWhileShrinking : 1)) {
        const world = await simulate(schedule, scenario, rules);
        if (world.problems.length > 0) {
          isShrinking = true;
          throw new BrokenPromise(`${world.problems.join('\n')}\n\n${world.story()}\n`);
        }
        onEnd(world);
      }
    },
  );
}
