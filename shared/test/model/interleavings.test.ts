import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mutants } from './mutants.ts';
import { BrokenPromise, promisesHold, reportBrokenPromise } from './promises-hold.ts';
import { ourRules } from './rules.ts';

/** About 1,000 take a second; `MODEL_RUNS=100000` leaves less to chance. */
const numRuns = Number(process.env['MODEL_RUNS'] ?? 2_000);

test(
  'whatever fails and in whatever order things happen, every promise is kept',
  { timeout: 0 },
  async () => {
    const seen = new Set<string | null>();
    await fc.assert(
      promisesHold(ourRules, {
        onEnd: ({ postgres }) => {
          for (const { state, givenBack, takenOver } of postgres.tasks.values()) {
            seen.add(state.reason);
            if (state.retries > 0) seen.add('retried');
            if (givenBack > 0) seen.add('given back');
            if (takenOver > 0) seen.add('taken over');
          }
        },
      }),
      // Long before anybody loses patience with a counterexample that could be smaller still.
      { numRuns, interruptAfterTimeLimit: 60_000 + 20 * numRuns, reporter: reportBrokenPromise },
    );
    const everyEnd = ['ok', 'exit_code', 'internal', 'worker_lost', 'poisoned', 'expired'];
    expect([...seen]).toEqual(expect.arrayContaining([...everyEnd, 'retried', 'given back', 'taken over']));
  },
);

test.each(Object.entries(mutants))('%s: a promise is broken', { timeout: 120_000 }, async (_, mutant) => {
  const { rules, faults } = mutant;
  const promises = promisesHold({ ...ourRules, ...rules }, faults === undefined ? {} : { faults });
  const { errorInstance } = await fc.check(promises, { numRuns: 20_000, endOnFailure: true });
  expect(errorInstance).toBeInstanceOf(BrokenPromise);
});
