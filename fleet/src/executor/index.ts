import { outputLimitBytes } from '@runfleet/shared/model/limits.ts';
import type { AttemptProgram, RunningAttempt } from './attempt.ts';
import { prepareWorkRoot } from './prepare/work-root.ts';
import { runAttempt } from './run-attempt.ts';

export type { AttemptProgram, RunningAttempt, StopCause } from './attempt.ts';

export interface ExecutorConfig {
  /** A directory of this worker's own. `prepare` removes what a predecessor left in it. */
  workRoot: string;
  /** What is kept of stdout and of stderr, each. */
  outputLimitBytes?: number;
  /** The Node that runs the code; this process' own when nothing is said. */
  nodePath?: string;
  /** How long after the child's end its pipes may stay open, held by a process that got away. */
  pipeGraceMs?: number;
  /** Told of what could not be removed from the work root; `prepare` tries again at the next start. */
  onLeftover?: (path: string, error: unknown) => void;
}

export interface Executor {
  /** Makes the work root, and ends what a crashed predecessor left in it. Call it once, before `run`. */
  prepare(): Promise<void>;
  run(program: AttemptProgram): RunningAttempt;
  /** Stops what is running, as a drain does, and waits for it. May be called again, and `run` gives back from now on. */
  close(): Promise<void>;
}

/** Runs code in child processes, each attempt in a fresh one with a fresh directory. */
export function createExecutor(config: ExecutorConfig): Executor {
  const settings = {
    workRoot: config.workRoot,
    outputLimitBytes: config.outputLimitBytes ?? outputLimitBytes,
    nodePath: config.nodePath ?? process.execPath,
    pipeGraceMs: config.pipeGraceMs ?? 250,
    onLeftover: config.onLeftover ?? (() => {}),
  };
  const running = new Set<RunningAttempt>();
  let closed = false;

  return {
    async prepare() {
      settings.workRoot = await prepareWorkRoot(config.workRoot, settings.onLeftover);
    },
    run(program) {
      const attempt = runAttempt(program, settings);
      if (closed) attempt.stop('drain');
      running.add(attempt);
      void attempt.outcome.finally(() => running.delete(attempt));
      return attempt;
    },
    async close() {
      closed = true;
      for (const attempt of running) attempt.stop('drain');
      await Promise.all([...running].map((attempt) => attempt.outcome));
    },
  };
}
