import type fc from 'fast-check';
import type { Rules } from '../rules.ts';
import { describeFault, inflict, type Fault } from './faults.ts';
import type { TrackedTask } from './postgres.ts';
import type { Program } from './program.ts';
import { System } from './system.ts';
import { World } from './world.ts';

export interface Scenario {
  workers: number;
  programs: readonly Program[];
  faults: readonly Fault[];
}

/**
 * Whatever was broken, all is to be well this long after it was healed. Ten attempts with growing pauses between them
 * take half an hour; and it is less than a queue remembers its jobs, so nothing may wait for one to be forgotten.
 */
const healedWithinMs = 45 * 60_000;

/** Runs a scenario: everything in any order while the faults come, then, healed, fairly until all is at rest. */
export async function simulate(
  schedule: fc.Scheduler,
  { workers, programs, faults }: Scenario,
  rules: Rules,
): Promise<World> {
  const world = new World(schedule, rules);
  const system = new System(world, workers);

  const submitAll = async () => {
    for (const [index, program] of programs.entries()) {
      await world.step(`a client submits t${index + 1}`, () => system.submit(`t${index + 1}`, program));
    }
  };
  const inflictAll = async () => {
    for (const fault of faults) {
      if (fault.afterMs > 0) await world.at(world.nowMs + fault.afterMs);
      await world.step(describeFault(fault), () => inflict(fault, world, system));
    }
  };
  await world.interleave(Promise.all([submitAll(), inflictAll()]));

  world.tell('HEALED');
  system.heal();
  const patienceEndsMs = world.nowMs + healedWithinMs;
  await world.settle();
  while (!system.isAtRest() && world.nowMs < patienceEndsMs && world.problems.length === 0) {
    world.passTime();
    await world.settle();
  }
  if (world.problems.length > 0) return world;
  if (!system.isAtRest())
    world.breaks(`no rest: ${[...world.postgres.tasks.values()].map(describeTask).join('; ')}`);
  for (const task of world.postgres.tasks.values()) judge(task, world);
  return world;
}

/** What must hold of a task once all is at rest. */
function judge(task: TrackedTask, world: World): void {
  const { state, program, executions } = task;
  const promise = (holds: boolean, what: string) => {
    if (!holds) world.breaks(`${what}: ${describeTask(task)}`);
  };
  promise(task.ends === 1, 'it ends once');
  promise(
    executions.length <= state.maxAttempts + state.retries + task.givenBack + task.takenOver,
    'it is executed no more often than its limits say',
  );
  promise(
    task.workersTakenDown <= state.losses + task.takenOver,
    'each worker that it takes down is charged to it',
  );
  switch (state.reason) {
    case 'ok':
      return promise(program.does === 'end well', 'only code that ends well completes');
    case 'exit_code':
      promise(program.does === 'fail', 'only code that fails is recorded as failed');
      return promise(state.retries === (state.retry?.limit ?? 0), 'its retries are used up first');
    case 'internal':
      promise(program.does === 'make its executor fail', 'internal is what the worker says');
      return promise(state.losses === state.maxAttempts, 'its attempts are used up first');
    case 'worker_lost':
      return promise(state.losses === state.maxAttempts, 'its attempts are used up first');
    case 'poisoned':
      return promise(state.crashes === 3, 'three crashes are poison');
    case 'expired':
      return promise(executions.length === 0, 'only what never started expires');
    default:
      return promise(false, 'it ends for a reason that somebody gave');
  }
}

function describeTask({
  id,
  state,
  executions,
  givenBack,
  takenOver,
  workersTakenDown,
}: TrackedTask): string {
  const { status, reason, attempt, delivery, losses, crashes, retries } = state;
  return `${id} ${JSON.stringify({ status, reason, attempt, delivery, losses, crashes, retries, executions: executions.length, givenBack, takenOver, workersTakenDown })}`;
}
