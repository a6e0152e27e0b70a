import { mkdtemp, readdir, readlink, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  outcomeSchema,
  type EndedOutcome,
  type IsolationLevel,
  type Outcome,
} from '@runfleet/shared/model/outcome.ts';
import { noInput, type TaskInput } from '@runfleet/shared/model/task-input.ts';
import { defaultLimits, type TaskLimits } from '@runfleet/shared/model/task-limits.ts';
import { afterEach, beforeEach, expect } from 'vitest';
import { createExecutor, type Executor, type ExecutorConfig, type RunningAttempt } from '../index.ts';
import type { Isolation } from '../isolation/isolation.ts';
import { requireIsolation } from '../isolation/require-isolation.ts';
import { enterTestCgroup } from './delegation-here.ts';

export interface ExecutorUnderTest {
  readonly workRoot: string;
  readonly executor: Executor;
  start(code: string, options?: RunOptions): RunningAttempt;
  run(code: string, options?: RunOptions): Promise<EndedOutcome>;
}

export interface RunOptions {
  timeoutMs?: number;
  limits?: Partial<TaskLimits>;
  input?: Partial<TaskInput>;
}

enterTestCgroup();

const isolations = new Map<IsolationLevel, Promise<Isolation>>();

/** The isolation of a level on this host; it is looked for once a test file. */
export function isolationOf(level: IsolationLevel): Promise<Isolation> {
  let isolation = isolations.get(level);
  if (isolation === undefined) isolations.set(level, (isolation = requireIsolation(level)));
  return isolation;
}

/** A fresh executor for each test, which must leave no process and nothing in its work root. */
export function executorUnderTest(
  config: Partial<ExecutorConfig> & { level?: IsolationLevel } = {},
): ExecutorUnderTest {
  const { level = 'process', ...rest } = config;
  let base = '';
  let workRoot = '';
  let executor: Executor;
  let tasks = 0;

  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'runfleet-executor-')));
    workRoot = join(base, 'work');
    executor = createExecutor({ workRoot, isolation: await isolationOf(level), poolSize: 0, ...rest });
    await executor.prepare();
  });
  afterEach(async () => {
    await executor.close();
    const left = { files: await readdir(workRoot), processes: await processesIn(base) };
    await rm(base, { recursive: true, force: true });
    expect(left).toEqual({ files: [], processes: [] });
  });

  function start(code: string, { timeoutMs = 20_000, limits, input }: RunOptions = {}): RunningAttempt {
    return executor.run({
      taskId: `task-${tasks++}`,
      attempt: 1,
      code,
      timeoutMs,
      input: { ...noInput, ...input },
      limits: { cpuMs: 2 * timeoutMs, ...defaultLimits, ...limits },
    });
  }
  return {
    get workRoot() {
      return workRoot;
    },
    get executor() {
      return executor;
    },
    start,
    async run(code, options) {
      return ended(await start(code, options).outcome);
    },
  };
}

export function ended(outcome: Outcome): EndedOutcome {
  expect(outcomeSchema.parse(outcome)).toEqual(outcome);
  if (outcome.kind !== 'ended') throw new Error(`Not ended: ${JSON.stringify(outcome)}`);
  return outcome;
}

/** Processes whose cwd or TMPDIR is below the directory. */
export async function processesIn(directory: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).map(Number).filter((id) => id > 0 && id !== process.pid)) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (cwd.startsWith(directory) || environ.includes(`TMPDIR=${directory}`)) found.push(pid);
  }
  return found;
}

/** Reads again at each turn of the event loop until `read` answers. Fails at the deadline. */
export async function eventually<T>(read: () => Promise<T | null>, deadlineMs = 10_000): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (value !== null) return value;
    if (performance.now() > deadline) throw new Error('Not within the deadline');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A zombie is dead: only its parent has not looked yet. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/^\d+ \(.*\) [ZX]/s.test(stat);
}
