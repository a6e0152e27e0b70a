/**
 * The states of a task and the words for how it ended.
 *
 *   queued ──claim──▶ running ──record──▶ completed | failed
 *     ▲                  │
 *     └── lost, given back, ──┘           (a new attempt)
 *         failed with another try left
 *   queued | running ──▶ cancelled;  queued, never started ──▶ expired
 *
 * The four on the right are terminal: the database refuses to change them.
 */

export const statuses = ['queued', 'running', 'completed', 'failed', 'cancelled', 'expired'] as const;
export type Status = (typeof statuses)[number];

export const terminalStatuses = ['completed', 'failed', 'cancelled', 'expired'] as const satisfies Status[];
export type TerminalStatus = (typeof terminalStatuses)[number];

/** Reasons that a worker can see for itself when the child of an attempt has ended. */
export const outcomeReasons = [
  'ok',
  'exit_code',
  'uncaught_error',
  'syntax_error',
  'signal',
  'timeout',
  'cpu_limit',
  'memory_limit',
  'output_limit',
  'internal',
] as const;
export type OutcomeReason = (typeof outcomeReasons)[number];

/** Every reason of a terminal status; those beyond a worker's are decided in the database. */
export const reasons = [...outcomeReasons, 'worker_lost', 'poisoned', 'cancelled', 'expired'] as const;
export type Reason = (typeof reasons)[number];

/** The one terminal status that each reason belongs to. */
export function statusOf(reason: Reason): TerminalStatus {
  switch (reason) {
    case 'ok':
      return 'completed';
    case 'cancelled':
      return 'cancelled';
    case 'expired':
      return 'expired';
    default:
      return 'failed';
  }
}

export function isTerminal(status: Status): status is TerminalStatus {
  return (terminalStatuses as readonly Status[]).includes(status);
}
