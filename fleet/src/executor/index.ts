import { availableParallelism } from 'node:os';
import type { PoolStatus } from '@runfleet/shared/model/heartbeat.ts';
import type { IsolationReport } from '@runfleet/shared/model/outcome.ts';
import { outputLimitBytes } from '@runfleet/shared/model/limits.ts';
import { defaultLimits } from '@runfleet/shared/model/task-limits.ts';
import type { AttemptProgram, RunningAttempt } from './attempt.ts';
import { AttemptCgroups } from './cgroup/attempt-cgroups.ts';
import type { Isolation, SpawnLimits } from './isolation/isolation.ts';
import { ChildPool } from './pool/child-pool.ts';
import { prepareWorkRoot } from './prepare/work-root.ts';
import { runAttempt } from './run-attempt.ts';
import { startChild, type ReadyChild, type StartSettings } from './start-child.ts';

export type { AttemptProgram, RunningAttempt, StopCause } from './attempt.ts';

export interface ExecutorConfig {
  /** A directory of this worker's own. `prepare` removes what a predecessor left in it. */
  workRoot: string;
  /** What stands around each child; see isolation/detect.ts. */
  isolation: Isolation;
  /** Children that are started ahead; 0 for none, the number of processors when nothing is said. */
  poolSize?: number;
  /** What the children of the pool can take; an attempt with other limits gets a child of its own. */
  poolLimits?: SpawnLimits;
  /** What is kept of stdout and of stderr, each. */
  outputLimitBytes?: number;
  /** How long after the child's end its pipes may stay open, held by a process that got away. */
  pipeGraceMs?: number;
  /** Told of what could not be removed from the work root; `prepare` tries again at the next start. */
  onLeftover?: (path: string, error: unknown) => void;
}

export interface ExecutorStatus {
  isolation: IsolationReport;
  pool: PoolStatus;
}

export interface Executor {
  /** Makes the work root, ends what a crashed predecessor left in it, and begins to fill the pool. Call it once, before `run`. */
  prepare(): Promise<void>;
  run(program: AttemptProgram): RunningAttempt;
  status(): ExecutorStatus;
  /** Stops what is running, as a drain does, and waits for it. May be called again, and `run` gives back from now on. */
  close(): Promise<void>;
}

/** Runs code in child processes, each attempt in one of its own that is never used again. */
export function createExecutor(config: ExecutorConfig): Executor {
  const { isolation, poolLimits = defaultLimits } = config;
  const start: StartSettings = {
    isolation,
    workRoot: config.workRoot,
    cgroups: null,
    onLeftover: config.onLeftover ?? (() => {}),
  };
  const pool = new ChildPool(config.poolSize ?? availableParallelism(), () => startChild(start, poolLimits));
  const settings = {
    isolation,
    outputLimitBytes: config.outputLimitBytes ?? outputLimitBytes,
    pipeGraceMs: config.pipeGraceMs ?? 250,
    async obtainChild({ limits }: AttemptProgram): Promise<ReadyChild> {
      const waiting = fits(limits, poolLimits) ? pool.take() : null;
      const child = waiting ?? (await startChild(start, limits));
      try {
        child.cgroup?.limit(limits, child.enclosure.hostDirectory === null);
      } catch (error) {
        await child.discard();
        throw error;
      }
      return child;
    },
  };
  const running = new Set<RunningAttempt>();
  let closed = false;

  return {
    async prepare() {
      // A task that can signal us would open our inspector; with a listener nothing happens.
      process.off('SIGUSR1', ignore).on('SIGUSR1', ignore);
      start.workRoot = await prepareWorkRoot(config.workRoot, start.onLeftover);
      if (isolation.delegation !== null) {
        start.cgroups = await AttemptCgroups.open(isolation.delegation, start.workRoot);
      }
      pool.fill();
    },
    run(program) {
      const attempt = runAttempt(program, settings);
      if (closed) attempt.stop('drain');
      running.add(attempt);
      void attempt.outcome.finally(() => running.delete(attempt));
      return attempt;
    },
    status: () => ({ isolation: { level: isolation.level, parts: isolation.parts }, pool: pool.status() }),
    async close() {
      closed = true;
      for (const attempt of running) attempt.stop('drain');
      await Promise.all([pool.close(), ...[...running].map((attempt) => attempt.outcome)]);
      await start.cgroups?.close();
    },
  };
}

function ignore(): void {}

function fits(asked: SpawnLimits, given: SpawnLimits): boolean {
  return (
    asked.memoryBytes === given.memoryBytes &&
    asked.diskBytes === given.diskBytes &&
    asked.openFiles === given.openFiles
  );
}
