import fc from 'fast-check';
import type { CodeFailure } from '../../../src/model/retry.ts';
import type { Submission } from '../task-machine.ts';

/** A task, and what its code does. */
export interface Program extends Submission {
  does: 'end well' | 'fail' | 'make its executor fail' | 'take its worker down';
  durationMs: number;
}

export const anyProgram: fc.Arbitrary<Program> = fc.record({
  does: fc.constantFrom('end well', 'end well', 'fail', 'make its executor fail', 'take its worker down'),
  durationMs: fc.constantFrom(0, 3_000, 20_000, 55_000),
  timeoutMs: fc.constant(60_000),
  maxAttempts: fc.constantFrom(3, 1, 2, 5, 10),
  retry: fc.option(
    fc.record({
      limit: fc.integer({ min: 1, max: 2 }),
      delayMs: fc.constantFrom(0, 10_000),
      backoff: fc.constantFrom('fixed', 'exponential'),
      on: fc.constant<CodeFailure[]>(['exit_code']),
    }),
    { freq: 3 },
  ),
  expiresAtMs: fc.option(fc.constantFrom(10_000, 60_000), { freq: 5 }),
});
