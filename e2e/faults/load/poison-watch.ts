import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerKill } from '../history/history.ts';
import type { System } from '../system/system.ts';

const everyMs = 100;

interface Running {
  id: string;
  attempt: number;
  workerId: string;
  pid: number;
}

/**
 * Makes poison of some tasks: whenever a worker runs one, the worker is killed. A task cannot do that by itself, since the
 * sandbox holds; so the campaign does it, as a fault of the kernel or of the sandbox would.
 */
export class PoisonWatch {
  readonly kills: WorkerKill[] = [];
  readonly #system: System;
  readonly #stopped = new AbortController();
  #watching: Promise<void> | null = null;

  constructor(system: System) {
    this.#system = system;
  }

  start(): void {
    this.#watching ??= this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const killed = new Set<string>();
    while (!this.#stopped.signal.aborted) {
      for (const { id, attempt, workerId, pid } of await this.#running()) {
        const worker = this.#system.workers.find(({ slot }) => slot.name === workerId);
        // Only the process that claimed it: the next one under the same id is innocent.
        if (killed.has(`${id} ${attempt}`) || worker?.slot.pid !== pid) continue;
        killed.add(`${id} ${attempt}`);
        this.#system.census.look();
        this.kills.push({ atMs: Date.now(), workerId, taskId: id, attempt });
        await worker.slot.kill();
      }
      await delay(everyMs, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
  }

  async #running(): Promise<Running[]> {
    return this.#system.postgres
      .query<Running>(
        `select t.id, t.attempt, w.id as "workerId", w.pid
         from tasks t join workers w on w.id = t.worker_id
         where t.status = 'running' and t.prompt like 'poison-%'`,
      )
      .catch(() => []);
  }
}
