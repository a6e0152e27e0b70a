import { mkdtemp, readdir, readlink, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EndedOutcome, Outcome } from '@runfleet/shared/model/outcome.ts';
import { outcomeSchema } from '@runfleet/shared/model/outcome.ts';
import { afterEach, beforeEach, expect } from 'vitest';
import { createExecutor, type Executor, type ExecutorConfig, type RunningAttempt } from '../index.ts';

export interface ExecutorUnderTest {
  readonly workRoot: string;
  readonly executor: Executor;
  start(code: string, timeoutMs?: number): RunningAttempt;
  run(code: string, timeoutMs?: number): Promise<EndedOutcome>;
}

/** A fresh executor for each test, which must leave no process and nothing in its work root. */
export function executorUnderTest(config: Partial<ExecutorConfig> = {}): ExecutorUnderTest {
  let base = '';
  let workRoot = '';
  let executor: Executor;
  let tasks = 0;

  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'runfleet-executor-')));
    workRoot = join(base, 'work');
    executor = createExecutor({ workRoot, ...config });
    await executor.prepare();
  });
  afterEach(async () => {
    await executor.close();
    const left = { files: await readdir(workRoot), processes: await processesIn(base) };
    await rm(base, { recursive: true, force: true });
    expect(left).toEqual({ files: [], processes: [] });
  });

  function start(code: string, timeoutMs = 20_000): RunningAttempt {
    return executor.run({ taskId: `task-${tasks++}`, attempt: 1, code, timeoutMs });
  }
  return {
    get workRoot() {
      return workRoot;
    },
    get executor() {
      return executor;
    },
    start,
    async run(code, timeoutMs) {
      return ended(await start(code, timeoutMs).outcome);
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
