import { expect, test } from 'vitest';
import type { History } from '../history/history.ts';
import { recoveryBoundMs } from '../timings.ts';
import { check, invariants } from './check.ts';
import { answer, attempts, events, faultless, key, request, sent, task, taskId } from './made-up-history.ts';

const kill = { atMs: 2_000, workerId: 'worker-1', taskId: 'of a poison', attempt: 1 };
const violated = (history: History) => check(history).map(({ invariant }) => invariant);

test('a history in which everything holds passes', () => {
  expect(check(faultless)).toEqual([]);
});

/** Histories in which one thing is wrong, by the invariant that must see it. */
const wrong: Record<string, Partial<History>[]> = {
  'acknowledged-tasks-end': [
    { tasks: faultless.tasks.filter(({ id }) => id !== taskId), events: [], attempts: [] },
    { tasks: replaced({ status: 'running', reason: null, endedAtMs: null }) },
  ],
  'all-sent-was-acknowledged': [
    { answers: faultless.answers.slice(1) },
    { answers: [...faultless.answers, { ...request, kind: 'fail', status: 422, problem: '' }] },
  ],
  'no-task-unsent': [{ sent: faultless.sent.slice(1) }],
  'one-id-a-key': [
    { tasks: [...faultless.tasks, { ...task, id: '01a20988-0000-7000-8000-000000000009' }] },
    { answers: [...faultless.answers, { ...answer, id: '01a20988-0000-7000-8000-000000000009' }] },
  ],
  'one-terminal-transition': [
    {
      events: [...faultless.events, { ...lastEvent(), seq: 9, oldStatus: 'completed', newStatus: 'failed' }],
    },
    { events: [...faultless.events, { ...lastEvent(), seq: 9, oldStatus: 'completed', newStatus: null }] },
  ],
  'attempts-never-fall': [
    { events: withEvent(3, { attempt: 1, delivery: 0 }) },
    { events: withEvent(4, { losses: 0 }) },
  ],
  'outcome-of-current-fence': [
    { events: withEvent(4, { delivery: 2 }) },
    { attempts: [{ ...first(), outcome: 'ok' }, ...faultless.attempts.slice(1)] },
    { tasks: replaced({ firstLine: `${key} 1` }) },
  ],
  'outcome-as-deserved': [
    { tasks: replaced({ status: 'failed', reason: 'worker_lost' }) },
    { tasks: replaced({ stdoutBytes: 3 }) },
  ],
  'executions-within-limit': [
    {
      executions: [
        ...faultless.executions,
        { key, attempt: 2, id: 'd', startedAtMs: 4_950, lastSeenAtMs: 4_960, ended: true },
      ],
    },
    { executions: faultless.executions.filter(({ id }) => id !== 'b') },
    { tasks: replaced({ maxAttempts: 1 }) },
  ],
  'executions-do-not-overlap': [
    {
      executions: faultless.executions.map((run) => (run.id === 'a' ? { ...run, lastSeenAtMs: 4_500 } : run)),
    },
  ],
  'losses-have-causes': [
    { faults: [] },
    { faults: [{ ...fault(), mayCost: ['worker-2'] }] },
    { faults: [{ ...fault(), mayCost: 'none' }] },
  ],
  'poison-is-contained': [
    {
      tasks: replaced({ status: 'failed', reason: 'poisoned' }),
      attempts: faultless.attempts.map((one) => (one.taskId === taskId ? { ...one, outcome: 'lost' } : one)),
      faults: [],
      kills: ['worker-1', 'worker-2'].map((workerId) => ({
        ...kill,
        workerId,
        atMs: workerId === 'worker-1' ? 2_000 : 4_500,
      })),
    },
    {
      sent: [{ ...sent, kind: 'poison' }, ...faultless.sent.slice(1)],
      kills: [1, 2, 3].map((attempt) => ({ atMs: 1_200, workerId: 'worker-1', taskId, attempt })),
    },
  ],
  'recovery-is-bounded': [{ tasks: replaced({ endedAtMs: 5_000 + recoveryBoundMs }) }],
  'sweeps-do-not-wait': [
    {
      lockWaits: [
        { atMs: 0, waitedMs: 1_000, query: 'with due as (select id from tasks for update) update …' },
      ],
    },
  ],
  'clean-run-is-clean': [
    { cleanUntilMs: 1_500 },
    { cleanUntilMs: 50 },
    { answers: [...faultless.answers, { ...request, sentAtMs: 90, kind: 'unknown', why: '500' }] },
  ],
  'nothing-is-left': [{ leftovers: { ...faultless.leftovers, processes: ['4711 bwrap'] } }],
  'logs-are-quiet': [{ alarms: ['worker-1: {"level":"fatal"}'] }],
};

for (const [invariant, changes] of Object.entries(wrong)) {
  test(`${invariant} is seen when it does not hold`, () => {
    for (const change of changes) expect(violated({ ...faultless, ...change })).toContain(invariant);
  });
}

test('each invariant is shown to be able to fail', () => {
  expect(Object.keys(wrong).toSorted()).toEqual(invariants.map(({ name }) => name).toSorted());
});

test('what is no fault of the program is forgiven', () => {
  const forgiven: Partial<History>[] = [
    // Its worker was stopped, so it could not end the earlier run.
    {
      executions: faultless.executions.map((run) => (run.id === 'a' ? { ...run, lastSeenAtMs: 4_500 } : run)),
      faults: [{ ...fault(), paused: ['worker-1'] }],
    },
    // Poison took the worker with it.
    { faults: [], kills: [kill] },
    // A claim that waits for a row that a record holds.
    { lockWaits: [{ atMs: 0, waitedMs: 1_000, query: 'with wanted as (…) update tasks …' }] },
    // It took long because something was broken for long.
    {
      tasks: replaced({ endedAtMs: 5_000 + recoveryBoundMs }),
      faults: [{ ...fault(), healedAtMs: 4_900 + recoveryBoundMs }],
      endedAtMs: 9_000 + recoveryBoundMs,
    },
  ];
  for (const change of forgiven) expect(check({ ...faultless, ...change })).toEqual([]);
});

function replaced(change: Partial<typeof task>): History['tasks'] {
  return faultless.tasks.map((one) => (one.id === taskId ? { ...one, ...change } : one));
}

function withEvent(seq: number, change: Partial<(typeof events)[number]>): History['events'] {
  return faultless.events.map((event) => (event.seq === seq ? { ...event, ...change } : event));
}

function lastEvent(): (typeof events)[number] {
  const event = events.at(-1);
  if (event === undefined) throw new Error('there is no event');
  return event;
}

function first(): (typeof attempts)[number] {
  const [attempt] = attempts;
  if (attempt === undefined) throw new Error('there is no attempt');
  return attempt;
}

function fault(): History['faults'][number] {
  const [one] = faultless.faults;
  if (one === undefined) throw new Error('there is no fault');
  return one;
}
