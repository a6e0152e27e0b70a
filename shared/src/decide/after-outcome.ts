import { internalRetryDelayMs, maxRetryDelayMs } from '../model/limits.ts';
import type { RetryPolicy } from '../model/retry.ts';
import type { OutcomeReason } from '../model/status.ts';

/** What a task has behind it when an attempt of it has ended. */
export interface OutcomeHistory {
  maxAttempts: number;
  /** Attempts already charged to the platform. */
  losses: number;
  /** What its submission asked for; null for nothing. */
  retry: RetryPolicy | null;
  /** Attempts already minted because of that. */
  retries: number;
}

/** `charge` says what the new attempt counts as. */
export type AfterOutcome = { kind: 'end' } | { kind: 'retry'; charge: 'loss' | 'retry'; delayMs: number };

/**
 * Decides what follows when an attempt has ended with this reason. A fault of ours is charged as a loss, and the task is
 * tried again while it has attempts left; a failure of the code is final, unless the task asks for another try.
 * `shared/db/record-outcomes.ts` does the same for many rows at once, and a test holds the two equal.
 */
export function afterOutcome(task: OutcomeHistory, reason: OutcomeReason): AfterOutcome {
  switch (reason) {
    case 'ok':
      return { kind: 'end' };
    case 'internal':
      if (task.losses + 1 >= task.maxAttempts) return { kind: 'end' };
      return { kind: 'retry', charge: 'loss', delayMs: doubled(internalRetryDelayMs, task.losses) };
    default: {
      const { retry, retries } = task;
      if (retry === null || !retry.on.includes(reason) || retries >= retry.limit) return { kind: 'end' };
      const delayMs = retry.backoff === 'fixed' ? retry.delayMs : doubled(retry.delayMs, retries);
      return { kind: 'retry', charge: 'retry', delayMs };
    }
  }
}

function doubled(delayMs: number, times: number): number {
  return Math.min(delayMs * 2 ** times, maxRetryDelayMs);
}
