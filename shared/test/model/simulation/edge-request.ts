import { ignoreUnreachable, Process } from './process.ts';
import type { Program } from './program.ts';
import type { World } from './world.ts';

/** One `POST /tasks`: an insert, the answer, and an enqueue that may never happen. */
export class EdgeRequest extends Process {
  constructor(world: World, taskId: string, program: Program) {
    super(world, `edge (${taskId})`);
    void this.#main(taskId, program).catch(ignoreUnreachable);
  }

  async #main(taskId: string, program: Program): Promise<void> {
    await this.ask('postgres', 'inserts', () => this.world.postgres.insertTask(taskId, program));
    await this.ask('redis', 'enqueues', () => this.world.redis.dispatch([{ taskId, attempt: 1 }]));
  }
}
