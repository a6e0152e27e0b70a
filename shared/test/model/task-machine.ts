import type { RetryPolicy } from '../../src/model/retry.ts';
import { afterLoss } from '../../src/decide/after-loss.ts';
import { afterOutcome } from '../../src/decide/after-outcome.ts';
import { redispatchBounds, redispatchDelayMs } from '../../src/decide/redispatch.ts';
import {
  isTerminal,
  statusOf,
  type OutcomeReason,
  type Reason,
  type Status,
} from '../../src/model/status.ts';
import { defaultTimings } from '../../src/model/timings.ts';

/** What decides over a task's way: the row in Postgres, less what only describes it. Times are of one clock. */
export interface TaskState {
  status: Status;
  reason: Reason | null;
  attempt: number;
  delivery: number;
  workerId: string | null;
  maxAttempts: number;
  losses: number;
  crashes: number;
  retry: RetryPolicy | null;
  retries: number;
  timeoutMs: number;
  /** From when on it is not to be started, if it has never been. */
  expiresAtMs: number | null;
  /** From when on its current attempt may be run. */
  queuedAtMs: number;
  /** Queued: when it is to be put on the queue, once more if need be. */
  dispatchDueMs: number | null;
  /** Running: when its outcome should have been recorded. */
  deadlineAtMs: number | null;
}

export interface Fence {
  attempt: number;
  delivery: number;
}

/** The statements that touch a task, each as the row sees it. */
export type TaskEvent =
  | ({ kind: 'claimed'; workerId: string } & Fence)
  | ({ kind: 'recorded'; reason: OutcomeReason } & Fence)
  | ({ kind: 'given_back' } & Fence)
  | { kind: 'lost'; target: LossTarget; crash: boolean }
  | { kind: 'swept' }
  | { kind: 'queue_wiped' }
  | { kind: 'expired' };

export type LossTarget =
  | { kind: 'of_worker'; workerId: string }
  | { kind: 'overdue'; patienceMs: number }
  | { kind: 'attempt'; attempt: number };

/** What follows for others; nothing when the event found nothing to change. */
export type Effect =
  | { kind: 'run' }
  /** The delivery is nobody's any more. */
  | { kind: 'drop' }
  | { kind: 'dispatch'; attempt: number; delayMs: number }
  | { kind: 'ended'; reason: Reason }
  /** The outcome came after its attempt was over. */
  | { kind: 'late' };

interface Step {
  state: TaskState;
  effects: Effect[];
}
export type StepFunction = (state: TaskState, event: TaskEvent, nowMs: number) => Step;

export type Submission = Pick<TaskState, 'maxAttempts' | 'retry' | 'timeoutMs' | 'expiresAtMs'>;

export function submit(task: Submission, nowMs: number, timings = defaultTimings): TaskState {
  return {
    ...task,
    status: 'queued',
    reason: null,
    attempt: 1,
    delivery: 0,
    workerId: null,
    losses: 0,
    crashes: 0,
    retries: 0,
    queuedAtMs: nowMs,
    dispatchDueMs: nowMs + timings.dispatchDelayMs,
    deadlineAtMs: null,
  };
}

/**
 * The life of a task as one pure function. What Postgres does in `src/db`, a statement at a time, is this for many rows
 * at once; `conformance.test.ts` holds the two equal, and `interleavings.test.ts` shows what follows from it.
 */
export function taskMachine(timings = defaultTimings): StepFunction {
  return function step(state, event, nowMs) {
    const unchanged = (...effects: Effect[]): Step => ({ state, effects });
    switch (event.kind) {
      case 'claimed':
        // Its answer was lost, so the same is asked again.
        if (holdsFence(state, event) && state.workerId === event.workerId) return unchanged({ kind: 'run' });
        if (!isClaimable(state, event, nowMs)) return unchanged({ kind: 'drop' });
        return {
          state: {
            ...state,
            status: 'running',
            delivery: event.delivery,
            workerId: event.workerId,
            dispatchDueMs: null,
            deadlineAtMs: nowMs + state.timeoutMs + timings.deadlineGraceMs,
          },
          effects: [{ kind: 'run' }],
        };
      case 'recorded':
        if (!holdsFence(state, event)) return unchanged({ kind: 'late' });
        return record(state, event.reason, nowMs);
      case 'given_back':
        if (!holdsFence(state, event)) return unchanged({ kind: 'late' });
        return queueAgain(state, nowMs, 0, timings.dispatchDelayMs);
      case 'lost':
        if (state.status !== 'running' || !isTarget(state, event.target, nowMs)) return unchanged();
        return lose(state, event.crash, nowMs);
      case 'swept':
        if (state.status !== 'queued' || state.dispatchDueMs! > nowMs || hasExpired(state, nowMs))
          return unchanged();
        return {
          state: {
            ...state,
            dispatchDueMs: nowMs + redispatchDelayMs(nowMs - state.queuedAtMs, redispatchBounds(timings)),
          },
          effects: [{ kind: 'dispatch', attempt: state.attempt, delayMs: 0 }],
        };
      case 'queue_wiped':
        return { state: dueAtOnce(state, nowMs), effects: [] };
      case 'expired':
        return hasExpired(state, nowMs) ? end(state, 'expired') : unchanged();
    }
  };

  function record(state: TaskState, reason: OutcomeReason, nowMs: number): Step {
    const verdict = afterOutcome(state, reason);
    const losses = state.losses + (reason === 'internal' ? 1 : 0);
    if (verdict.kind === 'end') return end({ ...state, losses }, reason);
    const retries = state.retries + (verdict.charge === 'retry' ? 1 : 0);
    return queueAgain({ ...state, losses, retries }, nowMs, verdict.delayMs, timings.dispatchDelayMs);
  }
}

export function isOver(state: TaskState): boolean {
  return isTerminal(state.status);
}

export function holdsFence(state: TaskState, { attempt, delivery }: Fence): boolean {
  return state.status === 'running' && state.attempt === attempt && state.delivery === delivery;
}

function isClaimable(state: TaskState, { attempt, delivery }: Fence, nowMs: number): boolean {
  if (state.attempt !== attempt || hasExpired(state, nowMs)) return false;
  return state.status === 'queued' || (state.status === 'running' && state.delivery < delivery);
}

/** Only a task that nobody has started yet can expire. */
function hasExpired({ status, attempt, expiresAtMs }: TaskState, nowMs: number): boolean {
  return status === 'queued' && attempt === 1 && expiresAtMs !== null && expiresAtMs <= nowMs;
}

function isTarget(state: TaskState, target: LossTarget, nowMs: number): boolean {
  switch (target.kind) {
    case 'of_worker':
      return state.workerId === target.workerId;
    case 'overdue':
      return state.deadlineAtMs! < nowMs - target.patienceMs;
    case 'attempt':
      return state.attempt === target.attempt;
  }
}

function lose(state: TaskState, crash: boolean, nowMs: number): Step {
  const verdict = afterLoss(state, crash);
  const charged = { ...state, losses: state.losses + 1, crashes: state.crashes + (crash ? 1 : 0) };
  return verdict.kind === 'fail' ? end(charged, verdict.reason) : queueAgain(charged, nowMs, 0, 0);
}

/** @param patienceMs how long the sweep leaves it to others to dispatch the new attempt */
function queueAgain(state: TaskState, nowMs: number, delayMs: number, patienceMs: number): Step {
  const attempt = state.attempt + 1;
  return {
    state: {
      ...state,
      status: 'queued',
      attempt,
      delivery: 0,
      workerId: null,
      queuedAtMs: nowMs + delayMs,
      dispatchDueMs: nowMs + delayMs + patienceMs,
      deadlineAtMs: null,
    },
    effects: [{ kind: 'dispatch', attempt, delayMs }],
  };
}

/** What is delayed is due when its delay is over. */
function dueAtOnce(state: TaskState, nowMs: number): TaskState {
  const { status, dispatchDueMs, queuedAtMs } = state;
  if (status !== 'queued' || dispatchDueMs! <= Math.max(nowMs, queuedAtMs)) return state;
  return { ...state, dispatchDueMs: Math.max(nowMs, queuedAtMs) };
}

/** The fence and the worker stay, to be read. */
function end(state: TaskState, reason: Reason): Step {
  const over = { ...state, status: statusOf(reason), reason, dispatchDueMs: null, deadlineAtMs: null };
  return { state: over, effects: [{ kind: 'ended', reason }] };
}
