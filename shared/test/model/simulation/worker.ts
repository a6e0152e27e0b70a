import { judgeLease, type LeaseVerdict } from '../../../src/decide/lease.ts';
import { heartbeatTtlMs, leaseMarginMs } from '../../../src/model/timings.ts';
import type { Job } from './job-queue.ts';
import { ignoreUnreachable, Process } from './process.ts';
import type { Execution } from './postgres.ts';
import type { AttemptJob, ResultJob } from './redis.ts';
import { timings } from './timings.ts';
import type { World } from './world.ts';

interface Lease {
  renewedAtMs: number;
  isLost: boolean;
  /** Ends what runs under it. */
  onLost: () => void;
}

/** A worker that does one job at a time: what `fleet/src/worker` does, step by step. */
export class Worker extends Process {
  readonly id: string;
  readonly instance: string;
  isDraining = false;
  #onDrain: () => void = () => {};
  readonly #held = new Map<string, Lease>();
  /** When the last heartbeat that has arrived was sent. */
  #heardAtMs = 0;

  constructor(world: World, id: string, instance: string) {
    super(world, instance);
    this.id = id;
    this.instance = instance;
    void this.#main();
  }

  /** Gives back what it runs, and takes no more. */
  drain(): void {
    this.isDraining = true;
    this.#onDrain();
  }

  async #main(): Promise<void> {
    await this.#takeId();
    await this.#register();
    void this.every(timings.heartbeatMs, () => this.#beat());
    void this.every(timings.leaseMs / 2, () => this.#renew());
    void this.every(timings.leaseMs, () => this.#lookForStalled());
    while (!this.isDraining) {
      // Else it would take a job only to give it back, again and again.
      if (
        this.world.rules.heartbeat === 'is minded' &&
        this.#judge({ renewedAtMs: this.world.nowMs }).kind === 'lost'
      ) {
        await this.sleep(1_000);
        continue;
      }
      const askedAtMs = this.world.nowMs;
      const job = await this.ask('redis', 'asks for a job', () =>
        this.#redis.tasks.take(this.instance),
      ).catch(ignoreUnreachable);
      if (job === undefined) await this.sleep(5_000);
      else if (job === null) await this.#redis.tasks.arrival();
      else
        await this.#process(job, this.world.rules.lease === 'from the answer' ? this.world.nowMs : askedAtMs);
    }
    await this.#leave();
  }

  async #takeId(): Promise<void> {
    for (;;) {
      this.#heardAtMs = this.world.nowMs;
      const holder = await this.insist('redis', `takes the id ${this.id}`, () =>
        this.#redis.beat(this.id, this.instance, this.#deadHolder()),
      );
      if (holder === null) return;
      await this.sleep(timings.heartbeatMs);
    }
  }

  /** A process of this host that was killed; a paused one cannot be told from one that runs. */
  #deadHolder(): string | null {
    const holder = this.#redis.beatOf(this.id);
    return this.world.processes.some(({ name, state }) => name === holder && state === 'dead')
      ? holder
      : null;
  }

  async #register(): Promise<void> {
    const before = await this.insist('postgres', 'registers', () =>
      this.world.postgres.register(this.id, this.instance),
    );
    if (before !== 'live' && before !== 'lost') return;
    const lost = await this.insist('postgres', 'gives up what its predecessor ran', () =>
      this.world.postgres.lose({ kind: 'of_worker', workerId: this.id }, true),
    );
    await this.ask('redis', 'dispatches that', () => this.#redis.dispatch(lost)).catch(ignoreUnreachable);
  }

  async #process(job: Readonly<Job<AttemptJob>>, askedAtMs: number): Promise<void> {
    const { taskId, attempt } = job.data;
    const delivery = job.started;
    const name = `${taskId} ${attempt}.${delivery}`;
    if (job.doomed) {
      await this.#forget(job);
      return this.#recoverStalled(job.data).catch(ignoreUnreachable);
    }
    const lease = this.#hold(job.id, askedAtMs);
    try {
      const execution = await this.insist(
        'postgres',
        `claims ${name}`,
        () => this.world.postgres.claim(this, this, job.data, delivery),
        () => !lease.isLost && !this.isDraining,
      );
      if (execution === 'replaced' && this.world.rules.replaced === 'told by its claim') {
        this.drain();
        await this.#forget(job);
        return await this.#recoverFailed(job.data).catch(ignoreUnreachable);
      }
      if (execution === 'gone' || execution === 'replaced') return await this.#acknowledge(job);
      const reason = await this.#run(execution, taskId, lease);
      await this.insist('redis', `pushes ${reason} of ${name}`, () =>
        this.#redis.push({ taskId, attempt, delivery, reason, execution }),
      );
      await this.#acknowledge(job);
    } catch (error) {
      ignoreUnreachable(error);
      await this.#forget(job);
      await this.#recoverFailed(job.data).catch(ignoreUnreachable);
    } finally {
      this.#held.delete(job.id);
    }
  }

  async #run(execution: Execution, taskId: string, lease: Lease): Promise<ResultJob['reason']> {
    const task = this.world.postgres.tasks.get(taskId)!;
    const stopped = new Promise<'given_back'>((stop) => {
      lease.onLost = this.#onDrain = () => stop('given_back');
      if (lease.isLost || this.isDraining) stop('given_back');
    });
    execution.isRunning = true;
    const how = await Promise.race([
      stopped,
      this.sleep(task.program.durationMs).then(() => 'ended' as const),
    ]);
    execution.isRunning = false;
    if (how === 'given_back') return how;
    switch (task.program.does) {
      case 'end well':
        return 'ok';
      case 'fail':
        return 'exit_code';
      case 'make its executor fail':
        return 'internal';
      case 'take its worker down':
        this.world.tell(`${taskId} takes ${this.name} down`);
        task.workersTakenDown += 1;
        this.kill();
        return new Promise<never>(() => {});
    }
  }

  /** As one that judges by its own clock, and wakes up late when it was paused. */
  #hold(jobId: string, renewedAtMs: number): Lease {
    const lease: Lease = { renewedAtMs, isLost: false, onLost: () => {} };
    this.#held.set(jobId, lease);
    if (this.world.rules.lease !== 'for ever') void this.#watch(jobId, lease);
    return lease;
  }

  async #watch(jobId: string, lease: Lease): Promise<void> {
    while (this.#held.get(jobId) === lease) {
      const verdict = this.#judge(lease);
      if (verdict.kind === 'lost') {
        this.world.tell(`${this.name} no longer trusts its lock of ${jobId}`);
        lease.isLost = true;
        lease.onLost();
        return;
      }
      await this.sleep(verdict.forMs);
    }
  }

  /** Without its heartbeat it is taken for gone, so it trusts no lock beyond that either. */
  #judge({ renewedAtMs }: Pick<Lease, 'renewedAtMs'>): LeaseVerdict {
    const { nowMs } = this.world;
    const marginMs = leaseMarginMs(timings);
    const lock = judgeLease(nowMs, { renewedAtMs, lockMs: timings.leaseMs, marginMs });
    if (lock.kind === 'lost' || this.world.rules.heartbeat === 'is not minded') return lock;
    const beat = judgeLease(nowMs, {
      renewedAtMs: this.#heardAtMs,
      lockMs: heartbeatTtlMs(timings),
      marginMs,
    });
    return beat.kind === 'lost' || beat.forMs < lock.forMs ? beat : lock;
  }

  async #renew(): Promise<void> {
    if (this.#held.size === 0) return;
    const sentAtMs = this.world.nowMs;
    const renewed = await this.ask('redis', 'renews its locks', () =>
      [...this.#held.keys()].filter((id) => this.#redis.tasks.renew(id, this.instance)),
    );
    for (const id of renewed) {
      const lease = this.#held.get(id);
      if (lease !== undefined) {
        lease.renewedAtMs = this.world.rules.lease === 'from the answer' ? this.world.nowMs : sentAtMs;
      }
    }
  }

  async #beat(): Promise<void> {
    const sentAtMs = this.world.nowMs;
    const holder = await this.ask('redis', 'beats', () => this.#redis.beat(this.id, this.instance));
    // Another process has the id by now, so this one has to end.
    if (holder !== null) this.drain();
    else this.#heardAtMs = sentAtMs;
  }

  async #lookForStalled(): Promise<void> {
    await this.ask('redis', 'looks for stalled jobs', () => {
      for (const { taskId, attempt } of this.#redis.tasks.lookForStalled()) {
        this.world.tell(`     ${taskId} ${attempt} has stalled`);
        const running = this.world.postgres.tasks
          .get(taskId)!
          .executions.find((one) => one.attempt === attempt && one.isRunning && one.by.state === 'up');
        if (running) this.world.breaks(`${taskId}: ${running.by.name} runs it on when its lock has run out`);
      }
    });
  }

  async #recoverStalled(job: AttemptJob): Promise<void> {
    const holder = await this.ask('postgres', `asks who has ${job.taskId}`, () =>
      this.world.postgres.holderOf(job),
    );
    if (holder === null) return this.#recoverFailed(job);
    const crash = (await this.ask('redis', `asks for ${holder}`, () => this.#redis.beatOf(holder))) === null;
    const lost = await this.ask('postgres', `gives ${job.taskId} up`, () =>
      this.world.postgres.lose({ kind: 'attempt', attempt: job.attempt }, crash, job.taskId),
    );
    await this.ask('redis', `dispatches ${job.taskId}`, () => this.#redis.dispatch(lost));
  }

  /** What was forgotten before it was claimed goes back to the queue at once. */
  async #recoverFailed({ taskId, attempt }: AttemptJob): Promise<void> {
    const isQueued = await this.ask('postgres', `asks for ${taskId} ${attempt}`, () => {
      const { state } = this.world.postgres.tasks.get(taskId)!;
      return state.status === 'queued' && state.attempt === attempt;
    });
    if (!isQueued) return;
    await this.ask('redis', `dispatches ${taskId} ${attempt}`, () =>
      this.#redis.dispatch([{ taskId, attempt }]),
    );
  }

  async #acknowledge({ id }: Readonly<Job<AttemptJob>>): Promise<void> {
    await this.ask('redis', `acknowledges ${id}`, () => this.#redis.tasks.complete(id, this.instance)).catch(
      ignoreUnreachable,
    );
  }

  async #forget({ id }: Readonly<Job<AttemptJob>>): Promise<void> {
    await this.ask('redis', `fails ${id}`, () => this.#redis.tasks.forget(id, this.instance)).catch(
      ignoreUnreachable,
    );
  }

  async #leave(): Promise<void> {
    await this.ask('redis', `releases ${this.id}`, () => this.#redis.release(this.id, this.instance)).catch(
      ignoreUnreachable,
    );
    await this.ask('postgres', 'stops', () => this.world.postgres.stop(this.id, this.instance)).catch(
      ignoreUnreachable,
    );
    this.kill();
  }

  get #redis() {
    return this.world.redis;
  }
}
