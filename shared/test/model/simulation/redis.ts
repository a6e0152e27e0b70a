import { heartbeatTtlMs } from '../../../src/model/timings.ts';
import type { OutcomeReason } from '../../../src/model/status.ts';
import type { Fence } from '../task-machine.ts';
import { JobQueue } from './job-queue.ts';
import type { Execution } from './postgres.ts';
import { timings } from './timings.ts';
import type { World } from './world.ts';

export interface AttemptJob {
  taskId: string;
  attempt: number;
  delayMs?: number;
}

/** An outcome on its way, with the execution that it came from: nobody but the checks may look at that. */
export interface ResultJob extends Fence {
  taskId: string;
  reason: OutcomeReason | 'given_back';
  execution: Execution;
}

const hourMs = 3_600_000;

/** Two queues, the heartbeats, and whether a cron has met it before. Nothing in it must be needed. */
export class Redis {
  readonly tasks: JobQueue<AttemptJob>;
  readonly results: JobQueue<ResultJob>;
  isKnown = false;
  readonly #world: World;
  #beats = new Map<string, { instance: string; untilMs: number }>();

  constructor(world: World) {
    this.#world = world;
    this.tasks = new JobQueue(world, 'doom', hourMs);
    this.results = new JobQueue(world, 'again', 0);
  }

  dispatch(attempts: readonly AttemptJob[]): void {
    for (const job of attempts) this.tasks.add(`t-${job.taskId}-${job.attempt}`, job, job.delayMs);
  }

  push(result: ResultJob): void {
    this.results.add(`r-${result.taskId}-${result.attempt}-${result.delivery}`, result);
  }

  /** Beats for a worker id, unless another process does, which is the answer then. */
  beat(id: string, instance: string, replacing: string | null = null): string | null {
    const holder = this.beatOf(id);
    if (holder !== null && holder !== instance && holder !== replacing) return holder;
    this.#beats.set(id, { instance, untilMs: this.#world.nowMs + heartbeatTtlMs(timings) });
    return null;
  }

  beatOf(id: string): string | null {
    const beat = this.#beats.get(id);
    return beat !== undefined && beat.untilMs > this.#world.nowMs ? beat.instance : null;
  }

  release(id: string, instance: string): void {
    if (this.beatOf(id) === instance) this.#beats.delete(id);
  }

  wipe(): void {
    this.tasks.wipe();
    this.results.wipe();
    this.#beats = new Map();
    this.isKnown = false;
  }
}
