import { overduePatienceMs } from '../../../src/decide/overdue.ts';
import { judgeWorkers } from '../../../src/decide/worker-liveness.ts';
import { heartbeatTtlMs } from '../../../src/model/timings.ts';
import { ignoreUnreachable, Process } from './process.ts';
import { timings } from './timings.ts';
import type { World } from './world.ts';

/** One run of what `edge/src/reconcile` does: look, then a statement a rule, and any time between them. */
export class Cron extends Process {
  constructor(world: World, name: string) {
    super(world, name);
    void this.#main();
  }

  async #main(): Promise<void> {
    const { postgres, redis } = this.world;
    try {
      await this.ask('postgres', 'ends what has expired', () => postgres.expire());
      const workers = await this.ask('postgres', 'looks at the workers', () => postgres.sightings());
      const sight = await this.ask('redis', 'looks at Redis', () => ({
        isNew: !redis.isKnown,
        backlog: redis.results.length,
        sightings: workers.map((worker) => ({ ...worker, beatInstance: redis.beatOf(worker.id) })),
      }));
      const ttlMs = heartbeatTtlMs(timings);
      const liveness = { secondLookMs: ttlMs, settleMs: ttlMs };
      const judged = judgeWorkers(sight.sightings, sight.isNew, liveness);
      await this.ask('postgres', 'notes who is gone', () => postgres.note(judged));
      await this.ask('postgres', 'gives up what the lost ones ran', () => postgres.loseOfLostWorkers());
      const patienceMs = overduePatienceMs(sight.backlog, timings);
      await this.ask('postgres', 'gives up what is overdue', () =>
        postgres.lose({ kind: 'overdue', patienceMs }, false),
      );
      if (sight.isNew) await this.ask('postgres', 'makes all due', () => postgres.makeQueuedDue());
      const due = await this.ask('postgres', 'takes what is due', () => postgres.takeDue());
      if (due.length > 0) await this.ask('redis', 'dispatches that', () => redis.dispatch(due));
      if (sight.isNew) await this.ask('redis', 'knows this Redis', () => (redis.isKnown = true));
    } catch (error) {
      ignoreUnreachable(error);
    }
    this.kill();
  }
}
