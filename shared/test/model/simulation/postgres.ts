import type { JudgedWorker, WorkerSighting } from '../../../src/decide/worker-liveness.ts';
import { crashLimit } from '../../../src/model/limits.ts';
import {
  isOver,
  submit,
  type Effect,
  type LossTarget,
  type TaskEvent,
  type TaskState,
} from '../task-machine.ts';
import type { Program } from './program.ts';
import type { Process } from './process.ts';
import type { AttemptJob } from './redis.ts';
import { timings } from './timings.ts';
import type { World } from './world.ts';

/** One claim and what came of it; what really happened, which no part of the system knows. */
export interface Execution {
  readonly by: Process;
  readonly attempt: number;
  isRunning: boolean;
}

export interface TrackedTask {
  readonly id: string;
  readonly program: Program;
  state: TaskState;
  executions: Execution[];
  /** The claim that counts. */
  current: Execution | null;
  ends: number;
  givenBack: number;
  /** Claims that took a running attempt over. */
  takenOver: number;
  workersTakenDown: number;
}

interface WorkerRow {
  instance: string;
  status: 'live' | 'lost' | 'stopped';
  suspectedAtMs: number | null;
  registeredAtMs: number;
}

/** Statements, each of which is the machine applied to rows. Every transition is checked as it is made. */
export class Postgres {
  readonly tasks = new Map<string, TrackedTask>();
  readonly #workers = new Map<string, WorkerRow>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  insertTask(id: string, program: Program): void {
    this.tasks.set(id, {
      id,
      program,
      state: submit(program, this.#world.nowMs, timings),
      executions: [],
      current: null,
      ends: 0,
      givenBack: 0,
      takenOver: 0,
      workersTakenDown: 0,
    });
  }

  /**
   * @returns the execution that may begin; `gone` when the delivery is to be dropped, `replaced` when another process
   *   has the worker's id
   */
  claim(
    by: Process,
    worker: { id: string; instance: string },
    job: AttemptJob,
    delivery: number,
  ): Execution | 'gone' | 'replaced' {
    const row = this.#workers.get(worker.id);
    if (row?.instance !== worker.instance) return 'replaced';
    row.status = 'live';
    row.suspectedAtMs = null;
    const task = this.tasks.get(job.taskId)!;
    const before = task.state;
    const effects = this.#apply(task, {
      kind: 'claimed',
      attempt: job.attempt,
      delivery,
      workerId: worker.id,
    });
    if (!effects.some(({ kind }) => kind === 'run')) return 'gone';
    if (task.state === before) return task.current!;
    if (before.status === 'running') task.takenOver += 1;
    task.current = { by, attempt: job.attempt, isRunning: false };
    task.executions.push(task.current);
    return task.current;
  }

  /** @returns what to dispatch */
  record(result: {
    taskId: string;
    attempt: number;
    delivery: number;
    reason: Extract<TaskEvent, { kind: 'recorded' }>['reason'] | 'given_back';
    execution: Execution;
  }): AttemptJob[] {
    const { taskId, attempt, delivery, reason, execution } = result;
    const task = this.tasks.get(taskId)!;
    const fence = { attempt, delivery };
    const effects = this.#apply(
      task,
      reason === 'given_back' ? { kind: 'given_back', ...fence } : { kind: 'recorded', reason, ...fence },
    );
    if (!effects.some(({ kind }) => kind === 'late')) {
      if (execution !== task.current)
        this.#world.breaks(`${taskId}: recorded what is not of its current attempt`);
      if (reason === 'given_back') task.givenBack += 1;
    }
    return dispatchesOf(task, effects);
  }

  lose(target: LossTarget, crash: boolean, only?: string): AttemptJob[] {
    return this.#applyToAll({ kind: 'lost', target, crash }, only);
  }

  loseOfLostWorkers(): AttemptJob[] {
    const lost = [...this.#workers].filter(([, { status }]) => status === 'lost');
    return lost.flatMap(([workerId]) => this.lose({ kind: 'of_worker', workerId }, true));
  }

  takeDue(): AttemptJob[] {
    return this.#applyToAll({ kind: 'swept' });
  }

  makeQueuedDue(): void {
    this.#applyToAll({ kind: 'queue_wiped' });
  }

  expire(): void {
    this.#applyToAll({ kind: 'expired' });
  }

  register(id: string, instance: string): WorkerRow['status'] | null {
    const before = this.#workers.get(id)?.status ?? null;
    const registeredAtMs = this.#world.nowMs;
    this.#workers.set(id, { instance, status: 'live', suspectedAtMs: null, registeredAtMs });
    return before;
  }

  stop(id: string, instance: string): void {
    const row = this.#workers.get(id);
    if (row?.instance === instance) row.status = 'stopped';
  }

  sightings(): Omit<WorkerSighting, 'beatInstance'>[] {
    const { nowMs } = this.#world;
    return [...this.#workers].flatMap(([id, { instance, status, suspectedAtMs, registeredAtMs }]) =>
      status === 'stopped'
        ? []
        : {
            id,
            instance,
            status,
            suspectedForMs: suspectedAtMs === null ? null : nowMs - suspectedAtMs,
            registeredForMs: nowMs - registeredAtMs,
          },
    );
  }

  note(judged: readonly JudgedWorker[]): void {
    for (const { id, instance, verdict } of judged) {
      const row = this.#workers.get(id);
      if (row?.instance !== instance || row.status === 'stopped' || verdict === 'unchanged') continue;
      row.suspectedAtMs = verdict === 'suspect' ? this.#world.nowMs : null;
      if (verdict !== 'suspect') row.status = verdict === 'alive' ? 'live' : 'lost';
    }
  }

  holderOf({ taskId, attempt }: AttemptJob): string | null {
    const { state } = this.tasks.get(taskId)!;
    return state.status === 'running' && state.attempt === attempt ? state.workerId : null;
  }

  #applyToAll(event: TaskEvent, only?: string): AttemptJob[] {
    return [...this.tasks.values()].flatMap((task) =>
      only === undefined || task.id === only ? dispatchesOf(task, this.#apply(task, event)) : [],
    );
  }

  #apply(task: TrackedTask, event: TaskEvent): Effect[] {
    const before = task.state;
    const { state, effects } = this.#world.rules.step(before, event, this.#world.nowMs);
    task.state = state;
    if (state === before) return effects;
    this.#world.tell(
      `     ${task.id} ${state.status}${state.reason === null ? '' : ` (${state.reason})`}, attempt ${state.attempt}.${state.delivery}`,
    );
    if (isOver(state)) task.ends += 1;
    const broken = (promise: string) => this.#world.breaks(`${task.id}: ${promise}`);
    if (isOver(before)) broken('changed after it had ended');
    if (state.attempt < before.attempt) broken('its attempt fell');
    if (state.attempt === before.attempt && state.delivery < before.delivery) broken('its delivery fell');
    if (state.crashes > crashLimit) broken(`took ${state.crashes} workers down, by its own count`);
    if (state.losses > state.maxAttempts)
      broken(`charged for ${state.losses} of ${state.maxAttempts} attempts`);
    if (state.retries > (state.retry?.limit ?? 0)) broken(`retried ${state.retries} times`);
    return effects;
  }
}

function dispatchesOf(task: TrackedTask, effects: readonly Effect[]): AttemptJob[] {
  return effects.flatMap((effect) =>
    effect.kind === 'dispatch' ? { taskId: task.id, attempt: effect.attempt, delayMs: effect.delayMs } : [],
  );
}
