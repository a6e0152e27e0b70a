import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crashLimit } from '../../src/model/limits.ts';
import { outcomeReasons } from '../../src/model/status.ts';
import { anyProgram } from './simulation/program.ts';
import { timings } from './simulation/timings.ts';
import { isOver, submit, taskMachine, type TaskEvent } from './task-machine.ts';

const step = taskMachine(timings);
const small = fc.integer({ min: 1, max: 4 });
const workerId = fc.constantFrom('w1', 'w2');

const anyEvent: fc.Arbitrary<TaskEvent> = fc.oneof(
  fc.record({ kind: fc.constant('claimed'), attempt: small, delivery: small, workerId }),
  fc.record({
    kind: fc.constant('recorded'),
    attempt: small,
    delivery: small,
    reason: fc.constantFrom(...outcomeReasons),
  }),
  fc.record({ kind: fc.constant('given_back'), attempt: small, delivery: small }),
  fc.record({
    kind: fc.constant('lost'),
    target: fc.oneof(
      fc.record({ kind: fc.constant('of_worker'), workerId }),
      fc.record({ kind: fc.constant('overdue'), patienceMs: fc.constantFrom(0, 60_000) }),
      fc.record({ kind: fc.constant('attempt'), attempt: small }),
    ),
    crash: fc.boolean(),
  }),
  fc.constantFrom<TaskEvent>({ kind: 'swept' }, { kind: 'queue_wiped' }, { kind: 'expired' }),
);
const anyHistory = fc.array(fc.record({ event: anyEvent, afterMs: fc.nat(100_000) }), {
  maxLength: 40,
  size: 'max',
});

test('whatever comes, in whatever order: it ends at most once, moves on only, and keeps to its limits', () => {
  fc.assert(
    fc.property(anyProgram, anyHistory, (program, history) => {
      let nowMs = 0;
      let state = submit(program, nowMs, timings);
      for (const { event, afterMs } of history) {
        nowMs += afterMs;
        const { state: next, effects } = step(state, event, nowMs);
        if (isOver(state)) expect(next).toBe(state);
        expect(effects.filter(({ kind }) => kind === 'ended')).toHaveLength(
          Number(isOver(next) && !isOver(state)),
        );
        expect([state.attempt, state.attempt + 1]).toContain(next.attempt);
        if (next.attempt === state.attempt) expect(next.delivery).toBeGreaterThanOrEqual(state.delivery);
        expect(next.losses).toBeLessThanOrEqual(next.maxAttempts);
        expect(next.crashes).toBeLessThanOrEqual(crashLimit);
        expect(next.retries).toBeLessThanOrEqual(next.retry?.limit ?? 0);
        expect(next.dispatchDueMs !== null).toBe(next.status === 'queued');
        expect(next.deadlineAtMs !== null).toBe(next.status === 'running');
        state = next;
      }
    }),
    { numRuns: 200 },
  );
});

test('what has not ended can be brought to an end by time and the sweeps alone', () => {
  fc.assert(
    fc.property(anyProgram, anyHistory, (program, history) => {
      let nowMs = 0;
      let state = submit(program, nowMs, timings);
      const then = (event: TaskEvent) => ({ state } = step(state, event, nowMs));
      for (const { event, afterMs } of history) {
        nowMs += afterMs;
        then(event);
      }
      for (let turn = 0; turn <= program.maxAttempts && !isOver(state); turn += 1) {
        nowMs += 3_600_000;
        then({ kind: 'expired' });
        then({ kind: 'swept' });
        then({ kind: 'claimed', attempt: state.attempt, delivery: state.delivery + 1, workerId: 'w1' });
        nowMs += 3_600_000;
        then({ kind: 'lost', target: { kind: 'overdue', patienceMs: 60_000 }, crash: false });
      }
      expect(isOver(state)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
