import { sql } from 'kysely';
import { expect } from 'vitest';
import { claimAttempts, type Delivery } from '../../../src/db/claim-attempts.ts';
import type { Database } from '../../../src/db/database.ts';
import { expireQueued } from '../../../src/db/expire-queued.ts';
import { giveBackAttempts } from '../../../src/db/give-back-attempts.ts';
import { loseAttempts, type LostAttempt } from '../../../src/db/lose-attempts.ts';
import { makeQueuedDue } from '../../../src/db/make-queued-due.ts';
import { noteLiveness } from '../../../src/db/note-liveness.ts';
import { recordOutcomes } from '../../../src/db/record-outcomes.ts';
import { takeDueDispatches } from '../../../src/db/take-due-dispatches.ts';
import { isTerminal } from '../../../src/model/status.ts';
import type { Dispatch } from '../../../src/queue/contract.ts';
import { endedAttempt, submitTask, type TestWorker } from '../../tasks.ts';
import type { Program } from '../simulation/program.ts';
import { timings } from '../simulation/timings.ts';
import { submit, type Effect, type StepFunction, type TaskEvent, type TaskState } from '../task-machine.ts';
import { patiencesMs, type Near, type Statement } from './statement.ts';

const everything = 100;

/** What a test has of workers: two that hold their ids, and a process that has lost one of these to another. */
export type Workers = Record<'w1' | 'w2' | 'replaced', TestWorker>;

/**
 * The same tasks twice: rows in Postgres, and states of the machine. Each statement goes to both, and both must answer
 * the same. Postgres' clock cannot be set, so time passes there by moving every time of the rows back.
 */
export class Twins {
  readonly states = new Map<string, TaskState>();
  readonly #db: Database;
  readonly #step: StepFunction;
  readonly #workers: Workers;
  #nowMs = 0;

  constructor(db: Database, step: StepFunction, workers: Workers) {
    this.#db = db;
    this.#step = step;
    this.#workers = workers;
  }

  async submit(program: Program): Promise<void> {
    const { timeoutMs, maxAttempts, retry, expiresAtMs } = program;
    const id = await submitTask(this.#db, { timeoutMs, maxAttempts, retry, expiresInMs: expiresAtMs });
    this.states.set(id, submit(program, this.#nowMs, timings));
  }

  async carryOut(statement: Statement): Promise<void> {
    const db = this.#db;
    switch (statement.kind) {
      case 'time passes':
        return this.#passTime(statement.ms);
      case 'claim': {
        const { by } = statement;
        const wanted = this.#fences(statement.batch);
        const claimed = await claimAttempts(db, this.#workers[by], wanted, timings);
        // Whose id is another's claims nothing, and the machine never hears of it.
        if (by === 'replaced') return expectSame(claimed, []);
        const [runs] = this.#applyFenced(wanted, { kind: 'claimed', workerId: by });
        return expectSame(claimed.map(fenceOf), runs);
      }
      case 'record': {
        const { reason } = statement;
        const fences = this.#fences(statement.batch);
        const ended = fences.map((fence) => endedAttempt(fence, this.#workers.w1, { reason }));
        const recorded = await recordOutcomes(db, ended, timings);
        const [held, dispatches] = this.#applyFenced(fences, { kind: 'recorded', reason });
        expectSame(recorded.map(fenceOf), held);
        return expectSame(
          recorded.flatMap((one) => (one.next === undefined ? [] : dispatchOf(one.next))),
          dispatches,
        );
      }
      case 'give back': {
        const fences = this.#fences(statement.batch);
        const givenBack = fences.map((fence) => ({ ...fence, workerId: 'w1', durationMs: 1 }));
        const toDispatch = await giveBackAttempts(db, givenBack, timings);
        const [, dispatches] = this.#applyFenced(fences, { kind: 'given_back' });
        return expectSame(toDispatch.map(dispatchOf), dispatches);
      }
      case 'lose all': {
        const target = { kind: 'of_worker', workerId: statement.of } as const;
        const isLost = statement.because === 'it is lost';
        const worker = this.#workers[statement.of];
        if (isLost) await noteLiveness(db, [{ ...worker, verdict: 'lost' }]);
        const which = isLost ? ({ kind: 'of_lost_workers' } as const) : target;
        const lost = await loseAttempts(db, which, { crash: true, limit: everything });
        if (isLost) await noteLiveness(db, [{ ...worker, verdict: 'alive' }]);
        return this.#expectLost(lost, { kind: 'lost', target, crash: true });
      }
      case 'lose one': {
        const { crash } = statement;
        for (const { taskId, attempt } of this.#fences([statement.near])) {
          const lost = await loseAttempts(db, { kind: 'attempt', taskId, attempt }, { crash, limit: 1 });
          this.#expectLost(lost, { kind: 'lost', target: { kind: 'attempt', attempt }, crash }, taskId);
        }
        return;
      }
      case 'lose overdue': {
        const target = { kind: 'overdue', patienceMs: statement.patienceMs } as const;
        const lost = await loseAttempts(db, target, { crash: false, limit: everything });
        return this.#expectLost(lost, { kind: 'lost', target, crash: false });
      }
      case 'sweep': {
        const due = await takeDueDispatches(db, everything, timings);
        return expectSame(due.map(dispatchOf), this.#applyToAll({ kind: 'swept' }));
      }
      case 'expire':
        await expireQueued(db, everything);
        return void this.#applyToAll({ kind: 'expired' });
      case 'make due':
        await makeQueuedDue(db, everything);
        return void this.#applyToAll({ kind: 'queue_wiped' });
    }
  }

  async compare(): Promise<void> {
    const { rows } = await sql<{
      id: string;
      queuedInMs: number;
      dueInMs: number | null;
      deadlineInMs: number | null;
    }>`
      select id, status, reason, attempt, delivery, worker_id, losses, crashes, retries,
        extract(epoch from queued_at - now())::float8 * 1000 as queued_in_ms,
        extract(epoch from dispatch_due - now())::float8 * 1000 as due_in_ms,
        extract(epoch from deadline_at - now())::float8 * 1000 as deadline_in_ms
      from tasks`.execute(this.#db);
    expectSame(
      rows.map(({ id: taskId, queuedInMs: _queued, dueInMs: _due, deadlineInMs: _deadline, ...row }) => ({
        taskId,
        ...row,
      })),
      [...this.states].map(([taskId, state]) => {
        const { status, reason, attempt, delivery, workerId, losses, crashes, retries } = state;
        return { taskId, status, reason, attempt, delivery, workerId, losses, crashes, retries };
      }),
    );
    for (const { id, queuedInMs, dueInMs, deadlineInMs } of rows) {
      const { status, queuedAtMs, dispatchDueMs, deadlineAtMs } = this.states.get(id)!;
      // Times do not pass for what has ended.
      if (isTerminal(status)) continue;
      expectNear(queuedInMs, this.#in(queuedAtMs));
      expectNear(dueInMs, this.#in(dispatchDueMs));
      expectNear(deadlineInMs, this.#in(deadlineAtMs));
    }
  }

  #in(atMs: number | null): number | null {
    return atMs === null ? null : atMs - this.#nowMs;
  }

  async #passTime(aboutMs: number): Promise<void> {
    const ms = this.#withoutCloseCall(aboutMs);
    this.#nowMs += ms;
    const by = sql`${ms}::float8 * interval '1 ms'`;
    await sql`
      update tasks set created_at = created_at - ${by}, queued_at = queued_at - ${by}, started_at = started_at - ${by},
        dispatch_due = dispatch_due - ${by}, deadline_at = deadline_at - ${by}, expires_at = expires_at - ${by}
      where status in ('queued', 'running')`.execute(this.#db);
  }

  /** A little more, when something would be due just then: Postgres' clock goes on by itself meanwhile. */
  #withoutCloseCall(ms: number): number {
    const thenMs = this.#nowMs + ms;
    const isClose = [...this.states.values()].some(({ dispatchDueMs, deadlineAtMs, expiresAtMs }) =>
      [dispatchDueMs, deadlineAtMs, expiresAtMs].some((atMs) =>
        patiencesMs.some((patienceMs) => atMs !== null && Math.abs(atMs + patienceMs - thenMs) < 2_000),
      ),
    );
    return isClose ? this.#withoutCloseCall(ms + 1_000) : ms;
  }

  #fences(batch: readonly Near[]): Delivery[] {
    const tasks = [...this.states];
    return batch.flatMap(({ task, attempt, delivery }) => {
      const [taskId, state] = tasks[task] ?? [];
      if (taskId === undefined || state === undefined) return [];
      const atLeastOne = (count: number) => Math.max(1, count);
      return {
        taskId,
        attempt: atLeastOne(state.attempt + attempt),
        delivery: atLeastOne(state.delivery + delivery),
      };
    });
  }

  /** @returns the fences that held, and what is to be dispatched */
  #applyFenced(
    fences: readonly Delivery[],
    what:
      | { kind: 'claimed'; workerId: string }
      | Pick<Extract<TaskEvent, { kind: 'recorded' }>, 'kind' | 'reason'>
      | { kind: 'given_back' },
  ) {
    const held: Delivery[] = [];
    const dispatches: ReturnType<typeof dispatchOf>[] = [];
    for (const fence of fences) {
      const { attempt, delivery } = fence;
      const effects = this.#apply(fence.taskId, { ...what, attempt, delivery });
      if (!effects.some(({ kind }) => kind === 'late' || kind === 'drop')) held.push(fence);
      dispatches.push(...dispatchesOf(fence.taskId, effects));
    }
    return [held, dispatches] as const;
  }

  #applyToAll(event: TaskEvent, only?: string) {
    return [...this.states.keys()]
      .filter((id) => only === undefined || id === only)
      .flatMap((id) => dispatchesOf(id, this.#apply(id, event)));
  }

  #apply(taskId: string, event: TaskEvent): Effect[] {
    const { state, effects } = this.#step(this.states.get(taskId)!, event, this.#nowMs);
    this.states.set(taskId, state);
    return effects;
  }

  #expectLost(lost: readonly LostAttempt[], event: TaskEvent, only?: string): void {
    const queued = lost.filter(({ status }) => status === 'queued');
    expectSame(queued.map(dispatchOf), this.#applyToAll(event, only));
  }
}

function fenceOf({ taskId, attempt, delivery }: Delivery): Delivery {
  return { taskId, attempt, delivery };
}

function dispatchOf({ taskId, attempt, delayMs = 0 }: Pick<Dispatch, 'taskId' | 'attempt' | 'delayMs'>) {
  return { taskId, attempt, delayMs };
}

function dispatchesOf(taskId: string, effects: readonly Effect[]) {
  return effects.flatMap((effect) => (effect.kind === 'dispatch' ? dispatchOf({ taskId, ...effect }) : []));
}

/** In any order: there is one of a task at most. */
function expectSame<T extends { taskId: string }>(actual: readonly T[], expected: readonly T[]): void {
  const byTask = (list: readonly T[]) => list.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1));
  expect(byTask(actual)).toEqual(byTask(expected));
}

/** Postgres' clock goes on while the test runs. */
function expectNear(actualMs: number | null, expectedMs: number | null): void {
  if (actualMs === null || expectedMs === null) expect(actualMs).toBe(expectedMs);
  else expect(Math.abs(actualMs - expectedMs)).toBeLessThan(1_500);
}
