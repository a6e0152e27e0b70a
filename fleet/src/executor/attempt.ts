import type { Outcome } from '@runfleet/shared/model/outcome.ts';
import type { TaskInput } from '@runfleet/shared/model/task-input.ts';
import type { TaskLimits } from '@runfleet/shared/model/task-limits.ts';

/** What is to be run. `code` is JavaScript or TypeScript, CommonJS or ES module: its content decides. */
export interface AttemptProgram {
  taskId: string;
  attempt: number;
  code: string;
  timeoutMs: number;
  input: TaskInput;
  limits: TaskLimits;
}

/** Why the worker gives an attempt back before it has ended. */
export type StopCause = 'drain' | 'lease_lost';

/** Limits that the parent watches over, and ends the child for. */
export type WatchedLimit = 'timeout' | 'cpu' | 'memory' | 'output' | 'inodes' | 'threads';

/** Why the parent killed the child. The first reason wins. */
export type TerminationReason = WatchedLimit | StopCause;

export interface RunningAttempt {
  /**
   * Settles when every process of the attempt is dead and its directory is gone. It never rejects for what the code
   * did, and what nobody foresaw is an outcome with the reason `internal`.
   */
  outcome: Promise<Outcome>;
  /** Ends the attempt at once. An attempt whose child has ended keeps its outcome; a second call does nothing. */
  stop(cause: StopCause): void;
}
