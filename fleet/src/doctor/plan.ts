import { defaultLimits } from '@runfleet/shared/model/task-limits.ts';
import { waitingChildBytes } from '../executor/pool/default-pool-size.ts';
import type { IsolationLevel } from '@runfleet/shared/model/outcome.ts';

/** What a worker with the same settings would do on this host. */
export interface WorkerPlan {
  isolation: IsolationLevel;
  workDir: string;
  /** Tasks at once. */
  concurrency: number;
  /** Children that wait, started ahead. */
  poolSize: number;
}

const mib = 1024 * 1024;

/** The worker itself under load; measured by the bench. */
const workerBytes = 200 * mib;

/** Memory for the worker, its pool, and tasks that all use what they may; in the sandbox, their files are memory too. */
export function wantedMemoryBytes({ isolation, concurrency, poolSize }: WorkerPlan): number {
  return workerBytes + poolSize * waitingChildBytes + concurrency * taskMemoryBytes(isolation);
}

/** The most that fits into this much memory; 0 when not even one task does. */
export function fittingConcurrency(memoryBytes: number, { isolation, poolSize }: WorkerPlan): number {
  const left = memoryBytes - workerBytes - poolSize * waitingChildBytes;
  return Math.max(0, Math.floor(left / taskMemoryBytes(isolation)));
}

function taskMemoryBytes(isolation: IsolationLevel): number {
  return defaultLimits.memoryBytes + (isolation === 'sandbox' ? defaultLimits.diskBytes : 0);
}
