import { ignoreUnreachable, Process } from './process.ts';
import type { Job } from './job-queue.ts';
import { holdsFence } from '../task-machine.ts';
import type { ResultJob } from './redis.ts';
import { timings } from './timings.ts';
import type { World } from './world.ts';

const batchSize = 3;

/** What `fleet/src/recorder` does: takes a batch of outcomes, commits it, acknowledges it. */
export class Recorder extends Process {
  constructor(world: World, name: string) {
    super(world, name);
    void this.every(timings.leaseMs, () =>
      this.ask('redis', 'looks for stalled outcomes', () => void world.redis.results.lookForStalled()),
    );
    void this.#main();
  }

  async #main(): Promise<void> {
    for (;;) await this.#batch().catch(ignoreUnreachable);
  }

  async #batch(): Promise<void> {
    const { redis, postgres, rules } = this.world;
    await redis.results.arrival();
    const jobs = await this.insist('redis', 'takes outcomes', () => {
      const taken: Readonly<Job<ResultJob>>[] = [];
      while (taken.length < batchSize) {
        const job = redis.results.take(this.name);
        if (job === null) break;
        taken.push(job);
      }
      return taken;
    });
    if (jobs.length === 0) return;

    if (rules.recorder === 'acknowledges first') await this.#acknowledge(jobs);
    const which = jobs.map(({ data }) => `${data.taskId} ${data.attempt}.${data.delivery}`).join(', ');
    const toDispatch = await this.insist('postgres', `records ${which}`, () =>
      jobs.flatMap(({ data }) => postgres.record(data)),
    );
    if (toDispatch.length > 0) {
      await this.ask('redis', 'dispatches new attempts', () => redis.dispatch(toDispatch)).catch(
        ignoreUnreachable,
      );
    }
    if (rules.recorder === 'commits first') await this.#acknowledge(jobs);
  }

  async #acknowledge(jobs: readonly Readonly<Job<ResultJob>>[]): Promise<void> {
    await this.ask('redis', 'acknowledges outcomes', () => {
      for (const { id, data } of jobs) {
        if (!this.world.redis.results.complete(id, this.name)) continue;
        const task = this.world.postgres.tasks.get(data.taskId)!;
        if (holdsFence(task.state, data))
          this.world.breaks(`${data.taskId}: its outcome is gone and not recorded`);
      }
    });
  }
}
