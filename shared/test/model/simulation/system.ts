import { isOver } from '../task-machine.ts';
import { Cron } from './cron.ts';
import { EdgeRequest } from './edge-request.ts';
import type { Process } from './process.ts';
import type { Program } from './program.ts';
import { Recorder } from './recorder.ts';
import { Worker } from './worker.ts';
import type { World } from './world.ts';

export const workerIds = ['w1', 'w2'] as const;
export type WorkerId = (typeof workerIds)[number];
export type Role = WorkerId | 'recorder' | 'edge' | 'cron';

const cronEveryMs = 20_000;

/** All parts, and a supervisor that starts anew what has died. */
export class System {
  readonly #world: World;
  #processes: { role: Role; process: Process }[] = [];
  #started = 0;
  readonly #workerIds: readonly WorkerId[];

  constructor(world: World, workers: number) {
    this.#world = world;
    this.#workerIds = workerIds.slice(0, workers);
    this.#supervise();
    void this.#keepTime();
  }

  submit(taskId: string, program: Program): void {
    this.#add('edge', new EdgeRequest(this.#world, taskId, program));
  }

  startWorker(id: WorkerId): void {
    this.#started += 1;
    this.#add(id, new Worker(this.#world, id, `${id}#${this.#started}`));
  }

  startCron(): void {
    this.#started += 1;
    this.#add('cron', new Cron(this.#world, `cron#${this.#started}`));
  }

  /** Those that have not died. */
  living(role?: Role): Process[] {
    this.#processes = this.#processes.filter(({ process }) => process.state !== 'dead');
    return this.#processes.flatMap((one) => (role === undefined || one.role === role ? one.process : []));
  }

  /** All that can be undone of the faults. */
  heal(): void {
    for (const process of this.living()) {
      process.cutOffFrom.clear();
      process.losesAnswer = false;
      process.resume();
    }
    this.#supervise();
  }

  /** Every task has ended, and nothing is left of any. */
  isAtRest(): boolean {
    const { postgres, redis } = this.#world;
    const tasks = [...postgres.tasks.values()];
    return (
      redis.tasks.length + redis.results.length === 0 &&
      tasks.every(
        ({ state, executions }) =>
          isOver(state) && executions.every((one) => !one.isRunning || one.by.state === 'dead'),
      )
    );
  }

  #supervise(): void {
    for (const id of this.#workerIds) if (this.living(id).length === 0) this.startWorker(id);
    if (this.living('recorder').length > 0) return;
    this.#started += 1;
    this.#add('recorder', new Recorder(this.#world, `recorder#${this.#started}`));
  }

  async #keepTime(): Promise<never> {
    for (;;) {
      await this.#world.at(this.#world.nowMs + cronEveryMs);
      this.#supervise();
      this.startCron();
    }
  }

  #add(role: Role, process: Process): void {
    this.#processes.push({ role, process });
  }
}
