import { Worker, type Processor, type WorkerOptions } from 'bullmq';

/**
 * BullMQ's worker, which tells when it asked for the locks that it was given. What BullMQ itself tells comes with the
 * answer, and a process that was paused in between would trust locks that have run out.
 */
export class LeasingWorker extends Worker {
  readonly #onRenewed: (jobIds: string[], sentAtMs: number) => void;

  constructor(
    queueName: string,
    processor: Processor,
    options: WorkerOptions,
    onRenewed: (jobIds: string[], sentAtMs: number) => void,
  ) {
    super(queueName, processor, options);
    this.#onRenewed = onRenewed;
  }

  override async extendJobLocks(jobIds: string[], tokens: string[], durationMs: number): Promise<string[]> {
    const sentAtMs = performance.now();
    const refused = await super.extendJobLocks(jobIds, tokens, durationMs);
    this.#onRenewed(
      jobIds.filter((jobId) => !refused.includes(jobId)),
      sentAtMs,
    );
    return refused;
  }
}
