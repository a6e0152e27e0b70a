import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ourRules, type Rules } from './rules.ts';
import type { Program } from './simulation/program.ts';
import { System, workerIds } from './simulation/system.ts';
import { World } from './simulation/world.ts';

const longTask: Program = {
  does: 'end well',
  durationMs: 200_000,
  timeoutMs: 300_000,
  maxAttempts: 5,
  retry: null,
  expiresAtMs: null,
};

/** Whether code ever ran on two workers at once, when one was cut off from Redis and all others answered at once. */
async function ranTwice(schedule: fc.Scheduler, submitMs: number, cutMs: number, rules: Rules) {
  const world = new World(schedule, rules);
  const system = new System(world, workerIds.length);
  void world.at(submitMs).then(() => system.submit('t1', longTask));
  void world.at(submitMs + cutMs).then(() => {
    const holder = workerIds.find((id) => id === world.postgres.tasks.get('t1')?.state.workerId);
    for (const process of system.living(holder)) process.cutOffFrom.add('redis');
  });
  while (world.nowMs < submitMs + cutMs + 100_000) {
    await world.settle();
    const running = world.postgres.tasks.get('t1')?.executions.filter(({ isRunning }) => isRunning) ?? [];
    if (running.length > 1) return true;
    world.passTime();
  }
  return false;
}

const moment = fc.integer({ min: 60_000, max: 120_000 });

test('a worker that is cut off from Redis has ended what it ran when others get it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), moment, moment, async (schedule, submitMs, cutMs) => {
      expect(await ranTwice(schedule, submitMs, cutMs, ourRules)).toBe(false);
    }),
  );
});

test('one that minds its locks alone has not', async () => {
  const rules = { ...ourRules, heartbeat: 'is not minded' } as const;
  const { failed } = await fc.check(
    fc.asyncProperty(fc.scheduler(), moment, moment, async (schedule, submitMs, cutMs) => {
      return !(await ranTwice(schedule, submitMs, cutMs, rules));
    }),
    { numRuns: 1_000, endOnFailure: true },
  );
  expect(failed).toBe(true);
});
