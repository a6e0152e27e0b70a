import type { AttemptOutcome } from '../db/schema.ts';
import type { PoolStatus } from './heartbeat.ts';
import type { IsolationReport } from './outcome.ts';

/** A worker as the API shows it; times are ISO 8601. */
export interface Worker {
  id: string;
  type: string;
  /** `live`: it beats. `draining`: it beats and takes no new work. `lost`: it stopped beating. `stopped`: it ended in order. */
  status: 'live' | 'draining' | 'lost' | 'stopped';
  host: string;
  pid: number;
  version: string;
  concurrency: number;
  startedAt: string;
  lastBeatAt: string;
  /** Attempts in their child process now; 0 unless it beats. */
  running: number;
  /** Of these, the tasks that are yours. */
  runningTasks: string[];
  /** What stands around each attempt; null unless it beats. */
  isolation: IsolationReport | null;
  /** The children that it has started ahead; null unless it beats. */
  pool: PoolStatus | null;
  statistics: WorkerStatistics;
}

/** Totals under this id since it was first seen, which restarts of the worker and of Redis do not reset. */
export interface WorkerStatistics {
  /** Attempts that it claimed: the sum of the next four and of those still running. */
  started: number;
  completed: number;
  failed: number;
  givenBack: number;
  lost: number;
  /** Outcomes that came after their attempt was lost, and were dropped. */
  late: number;
  /** Ended attempts by how they ended. */
  byReason: Partial<Record<AttemptOutcome, number>>;
  busyMs: number;
  /** Of what this process could have run since it started, the part that it did run, 0 to 1; null unless it beats. */
  occupancy: number | null;
}
