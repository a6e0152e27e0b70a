import type { Answer } from '../load/answer.ts';
import type { History } from '../history/history.ts';
import type { AttemptRow, TaskRow } from '../history/read-rows.ts';
import type { TaskEvent } from '../history/task-events.ts';

/** A task that was lost once with its worker, in a fault that explains it, and was recorded in its second attempt. */
export const key = 'quick-faults-00000';
export const taskId = '01a20988-0000-7000-8000-000000000000';

export const sent = {
  key,
  kind: 'quick',
  atMs: 0,
  repeatAfterMs: null,
  body: '',
} as const;

export const request = { key, repetition: false, sentAtMs: 1_000, atMs: 1_010 };

export const answer: Answer & { kind: 'ok' } = { ...request, kind: 'ok', id: taskId, fresh: true };

export const task: TaskRow = {
  id: taskId,
  key,
  status: 'completed',
  reason: 'ok',
  attempt: 2,
  delivery: 1,
  losses: 1,
  crashes: 1,
  maxAttempts: 3,
  workerId: 'worker-2',
  createdAtMs: 1_000,
  endedAtMs: 5_000,
  stdoutBytes: `${key} 2\n`.length,
  firstLine: `${key} 2`,
};

export const attempts: AttemptRow[] = [
  {
    taskId,
    attempt: 1,
    delivery: 1,
    workerId: 'worker-1',
    startedAtMs: 1_100,
    endedAtMs: 4_000,
    outcome: 'lost',
  },
  {
    taskId,
    attempt: 2,
    delivery: 1,
    workerId: 'worker-2',
    startedAtMs: 4_100,
    endedAtMs: 5_000,
    outcome: 'ok',
  },
];

const common = {
  taskId,
  reason: null,
  oldStatus: null,
  oldAttempt: null,
  oldDelivery: null,
  losses: 0,
  crashes: 0,
};

export const events: TaskEvent[] = [
  {
    ...common,
    seq: 1,
    atMs: 1_000,
    newStatus: 'queued',
    attempt: 1,
    delivery: 0,
    workerId: null,
    by: 'sql-gateway',
  },
  {
    ...common,
    seq: 2,
    atMs: 1_100,
    oldStatus: 'queued',
    newStatus: 'running',
    attempt: 1,
    delivery: 1,
    workerId: 'worker-1',
    by: 'worker-1',
  },
  {
    ...common,
    seq: 3,
    atMs: 4_000,
    oldStatus: 'running',
    newStatus: 'queued',
    attempt: 2,
    delivery: 0,
    workerId: 'worker-1',
    losses: 1,
    crashes: 1,
    by: 'sql-gateway',
  },
  {
    ...common,
    seq: 4,
    atMs: 4_100,
    oldStatus: 'queued',
    newStatus: 'running',
    attempt: 2,
    delivery: 1,
    workerId: 'worker-2',
    losses: 1,
    crashes: 1,
    by: 'worker-2',
  },
  {
    ...common,
    seq: 5,
    atMs: 5_000,
    oldStatus: 'running',
    newStatus: 'completed',
    reason: 'ok',
    attempt: 2,
    delivery: 1,
    workerId: 'worker-2',
    losses: 1,
    crashes: 1,
    by: 'recorder-1',
  },
];

/** A task of the clean run. */
const cleanId = '01a20988-0000-7000-8000-000000000001';
const cleanKey = 'quick-clean-00000';
const clean = {
  task: {
    ...task,
    id: cleanId,
    key: cleanKey,
    attempt: 1,
    losses: 0,
    crashes: 0,
    createdAtMs: 100,
    endedAtMs: 200,
    firstLine: `${cleanKey} 1`,
    stdoutBytes: `${cleanKey} 1\n`.length,
  },
  attempt: {
    taskId: cleanId,
    attempt: 1,
    delivery: 1,
    workerId: 'worker-2',
    startedAtMs: 110,
    endedAtMs: 200,
    outcome: 'ok',
  },
  events: [
    {
      ...common,
      taskId: cleanId,
      seq: 6,
      atMs: 100,
      newStatus: 'queued',
      attempt: 1,
      delivery: 0,
      workerId: null,
      by: 'sql-gateway',
    },
    {
      ...common,
      taskId: cleanId,
      seq: 7,
      atMs: 110,
      oldStatus: 'queued',
      newStatus: 'running',
      attempt: 1,
      delivery: 1,
      workerId: 'worker-2',
      by: 'worker-2',
    },
    {
      ...common,
      taskId: cleanId,
      seq: 8,
      atMs: 200,
      oldStatus: 'running',
      newStatus: 'completed',
      reason: 'ok',
      attempt: 1,
      delivery: 1,
      workerId: 'worker-2',
      by: 'recorder-1',
    },
  ],
};

/** A history in which everything holds. */
export const faultless: History = {
  sent: [sent, { ...sent, key: cleanKey }],
  answers: [answer, { ...answer, key: cleanKey, id: cleanId, sentAtMs: 90, atMs: 105 }],
  tasks: [task, clean.task],
  attempts: [...attempts, clean.attempt],
  events: [...events, ...clean.events],
  executions: [
    { key, attempt: 1, id: 'a', startedAtMs: 1_110, lastSeenAtMs: 2_000, ended: false },
    { key, attempt: 2, id: 'b', startedAtMs: 4_110, lastSeenAtMs: 4_900, ended: true },
    { key: cleanKey, attempt: 1, id: 'c', startedAtMs: 120, lastSeenAtMs: 190, ended: true },
  ],
  faults: [
    {
      name: 'kill-worker',
      startedAtMs: 2_000,
      healedAtMs: 3_500,
      mayCost: ['worker-1'],
      paused: [],
      note: 'worker-1',
    },
  ],
  kills: [],
  lockWaits: [],
  cleanUntilMs: 500,
  healedAtMs: 6_000,
  endedAtMs: 7_000,
  leftovers: { processes: [], directories: [], connections: [], locks: [], jobs: [], keys: [] },
  alarms: [],
};
