import { crashLimit } from '../model/limits.ts';

/** What a task has behind it when its current attempt is lost. */
export interface LossHistory {
  maxAttempts: number;
  /** Attempts already charged: lost, whatever took them. */
  losses: number;
  /** Of these, the ones that were lost together with their worker. */
  crashes: number;
}

export type AfterLoss = { kind: 'retry' } | { kind: 'fail'; reason: 'worker_lost' | 'poisoned' };

/**
 * Decides what follows when an attempt is lost: its worker vanished (`crash`), or nobody reported its outcome in time.
 * `shared/db/lose-attempts.ts` does the same for many rows at once, and a test holds the two equal.
 */
export function afterLoss(task: LossHistory, crash: boolean): AfterLoss {
  if (task.crashes + (crash ? 1 : 0) >= crashLimit) return { kind: 'fail', reason: 'poisoned' };
  if (task.losses + 1 >= task.maxAttempts) return { kind: 'fail', reason: 'worker_lost' };
  return { kind: 'retry' };
}
