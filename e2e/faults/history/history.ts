import type { Answer } from '../load/answer.ts';
import type { Submission } from '../load/submission.ts';
import type { Execution } from './ledger.ts';
import type { AttemptRow, TaskRow } from './read-rows.ts';
import type { TaskEvent } from './task-events.ts';

/** What a fault did, and until when: the checker forgives what it explains, and nothing else. */
export interface FaultSpan {
  name: string;
  startedAtMs: number;
  /** When everything that it had broken was whole again. */
  healedAtMs: number;
  /** Whose attempts it may cost: those of these workers, of all, or of none. */
  mayCost: readonly string[] | 'all' | 'none';
  /** Workers that it stopped, so that they could not end what they ran: it may run elsewhere at the same time. */
  paused: readonly string[];
  /** What it aimed at and hit, for the reader of a report. */
  note: string;
}

/** The campaign killed a worker because of the poison that it ran. */
export interface WorkerKill {
  atMs: number;
  workerId: string;
  taskId: string;
  attempt: number;
}

/** A session of the program under test that waited for another's lock, as it was seen several times a second. */
export interface LockWait {
  atMs: number;
  waitedMs: number;
  query: string;
}

/** What is there when everything has been stopped and nothing should be. Each is a line for the report. */
export interface Leftovers {
  processes: string[];
  directories: string[];
  connections: string[];
  locks: string[];
  jobs: string[];
  keys: string[];
}

/** All that is known of a campaign when it is over. The checker reads nothing else. */
export interface History {
  sent: readonly Submission[];
  answers: readonly Answer[];
  tasks: readonly TaskRow[];
  attempts: readonly AttemptRow[];
  events: readonly TaskEvent[];
  executions: readonly Execution[];
  faults: readonly FaultSpan[];
  kills: readonly WorkerKill[];
  lockWaits: readonly LockWait[];
  /** Until then nothing was broken. */
  cleanUntilMs: number;
  /** Since then nothing was. */
  healedAtMs: number;
  /** When the last task had ended, or the campaign had waited long enough. */
  endedAtMs: number;
  leftovers: Leftovers;
  /** Lines of the logs that no fault may bring about. */
  alarms: readonly string[];
}
