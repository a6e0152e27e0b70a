import fc from 'fast-check';
import { outcomeReasons, type OutcomeReason } from '../../../src/model/status.ts';
import type { Fence } from '../task-machine.ts';

/** A fence of one of the tasks, near its current one: `attempt` and `delivery` are added to that. */
export type Near = Fence & { task: number };

/** What is asked of Postgres, at any moment and by anybody. */
export type Statement =
  | { kind: 'time passes'; ms: number }
  | { kind: 'claim'; by: 'w1' | 'w2' | 'replaced'; batch: Near[] }
  | { kind: 'record'; reason: OutcomeReason; batch: Near[] }
  | { kind: 'give back'; batch: Near[] }
  | { kind: 'lose all'; of: 'w1' | 'w2'; because: 'it is lost' | 'it has a successor' }
  | { kind: 'lose one'; crash: boolean; near: Near }
  | { kind: 'lose overdue'; patienceMs: number }
  | { kind: 'sweep' }
  | { kind: 'expire' }
  | { kind: 'make due' };

export const patiencesMs = [0, 60_000];

const near = fc.record({
  task: fc.nat(2),
  attempt: fc.constantFrom(0, 0, 0, -1, 1),
  delivery: fc.constantFrom(0, 1, -1),
});

/** Mostly the fence that is expected; no task twice. */
function batchNear(expected: Fence): fc.Arbitrary<Near[]> {
  const right = fc.nat(2).map((task) => ({ task, ...expected }));
  return fc.uniqueArray(fc.oneof({ weight: 3, arbitrary: right }, near), {
    minLength: 1,
    maxLength: 3,
    selector: ({ task }) => task,
  });
}
const held = batchNear({ attempt: 0, delivery: 0 });
const next = batchNear({ attempt: 0, delivery: 1 });

function of<T extends Statement>(weight: number, fields: { [F in keyof T]: fc.Arbitrary<T[F]> }) {
  return { weight, arbitrary: fc.record(fields) as fc.Arbitrary<Statement> };
}
type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

export const anyStatement = fc.oneof(
  of<Of<'claim'>>(8, {
    kind: fc.constant('claim'),
    by: fc.constantFrom('w1', 'w2', 'w1', 'w2', 'replaced'),
    batch: next,
  }),
  of<Of<'record'>>(2, {
    kind: fc.constant('record'),
    reason: fc.constantFrom('exit_code', 'internal', ...outcomeReasons),
    batch: held,
  }),
  of<Of<'give back'>>(1, { kind: fc.constant('give back'), batch: held }),
  of<Of<'lose all'>>(4, {
    kind: fc.constant('lose all'),
    of: fc.constantFrom('w1', 'w2'),
    because: fc.constantFrom('it is lost', 'it has a successor'),
  }),
  of<Of<'lose one'>>(1, { kind: fc.constant('lose one'), crash: fc.boolean(), near }),
  of<Of<'lose overdue'>>(1, {
    kind: fc.constant('lose overdue'),
    patienceMs: fc.constantFrom(...patiencesMs),
  }),
  {
    weight: 3,
    arbitrary: fc.constantFrom<Statement>({ kind: 'sweep' }, { kind: 'expire' }, { kind: 'make due' }),
  },
  of<Of<'time passes'>>(2, {
    kind: fc.constant('time passes'),
    ms: fc.constantFrom(3_000, 12_000, 61_000, 200_000),
  }),
);
