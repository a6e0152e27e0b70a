import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { EndedOutcome, IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import {
  eventually,
  executorUnderTest,
  isolationOf,
  type ExecutorUnderTest,
  type RunOptions,
} from '../../src/executor/testing/executor-under-test.ts';
import type { Isolation } from '../../src/executor/isolation/isolation.ts';
import { AttackTable } from './attack-table.ts';
import { watchHealth } from './health.ts';
import { marked, processesWith } from './marked.ts';

/** How an attack ends at a level, and what it gets hold of there: what is not listed is held. */
export interface Ending extends Partial<EndedOutcome> {
  killedBy: EndedOutcome['killedBy'];
  reached?: string[];
}

export interface Attack {
  name: string;
  /** CommonJS. Of `probes` it may use `reached(what)` and `attempt(what, act)`. */
  code: string | (() => string);
  options?: RunOptions;
  /** The same at each level, or what it is at each. */
  ending: Ending | Record<IsolationLevel, Ending>;
  /** What else must be true of its outcome. */
  also?: (outcome: EndedOutcome) => void;
}

/** In front of each attack, on its first line. `attempt` says that it got through when `act` neither throws nor is false. */
const probes = `const { writeSync: say } = require('node:fs'); const reached = (what) => say(1, 'reached ' + what + '\\n'); const attempt = (what, act) => { try { if (act() !== false) reached(what); } catch {} }; `;

/** What the worker may be held up by, and grow by: generous, for two cores that others use too. */
const gapLimitMs = 2_000;
const growthLimitBytes = 192 * 1024 * 1024;

/** Within this time of an outcome, nothing of its attempt is left. */
const survivalMs = 1_000;

const levels: readonly IsolationLevel[] = ['process', 'sandbox'];

export const ok: Ending = { reason: 'ok', killedBy: null, limit: null };
export const timedOut: Ending = {
  reason: 'timeout',
  killedBy: 'limit',
  limit: 'timeout',
  exitCode: null,
  signal: 'SIGKILL',
};
export const cpuMet: Ending = { reason: 'cpu_limit', killedBy: 'limit', limit: 'cpu' };
export const outputMet: Ending = { reason: 'output_limit', killedBy: 'limit', limit: 'output' };
export const memoryMet: Ending = { reason: 'memory_limit', killedBy: 'limit', limit: 'memory' };
export const uncaught: Ending = { reason: 'uncaught_error', killedBy: 'task', limit: null, exitCode: 1 };

export function exited(exitCode: number): Ending {
  return { reason: 'exit_code', killedBy: null, limit: null, exitCode, signal: null };
}

export function signalled(signal: NodeJS.Signals, killedBy: 'task' | 'kernel' = 'task'): Ending {
  return { reason: 'signal', killedBy, limit: null, exitCode: null, signal };
}

export interface LevelUnderTest {
  level: IsolationLevel;
  under: ExecutorUnderTest;
  /** In the environment of each process that was started. */
  mark: string;
  table: AttackTable;
}

/**
 * Runs `define` for each level that this host has, and skips the others with the reason.
 * Call it at the top of a test file, awaited.
 */
export async function atEachLevel(family: string, define: (level: LevelUnderTest) => void): Promise<void> {
  const table = new AttackTable(family);
  afterAll(() => table.write());
  for (const level of levels) {
    const { isolation, missing } = await findIsolation(level);
    describe.skipIf(isolation === null)(
      `${family} at ${level}${missing === null ? '' : `: ${missing}`}`,
      () => {
        const mark = randomUUID();
        const under = executorUnderTest(
          isolation === null ? {} : { level, isolation: marked(isolation, mark) },
        );
        define({ level, under, mark, table });
      },
    );
  }
}

type Found = { isolation: Isolation; missing: null } | { isolation: null; missing: string };

async function findIsolation(level: IsolationLevel): Promise<Found> {
  try {
    return { isolation: await isolationOf(level), missing: null };
  } catch (error) {
    return { isolation: null, missing: (error as Error).message };
  }
}

/** One test an attack: its verdict, that nothing survives, that the worker is well, and that the next task is. */
export function defineAttacks({ level, under, mark, table }: LevelUnderTest, attacks: Attack[]): void {
  it.each(attacks)('$name', async ({ name, code, options, ending, also }) => {
    const health = watchHealth();
    const outcome = await under.run(probes + (typeof code === 'string' ? code : code()), options);
    const { longestGapMs, grownBytes } = health.finish();

    const { reached: expected = [], ...verdict } = 'killedBy' in ending ? ending : ending[level];
    const reached = reachedBy(outcome);
    table.add(name, level, outcome, reached);
    expect(outcome, JSON.stringify(brief(outcome))).toMatchObject(verdict);
    expect(reached).toEqual(expected);
    also?.(outcome);

    await expectNothingLeft(mark);
    expect(longestGapMs).toBeLessThan(gapLimitMs);
    expect(grownBytes).toBeLessThan(growthLimitBytes);
    expect(await under.run(`console.log('next')`)).toMatchObject({
      reason: 'ok',
      stdout: { text: 'next\n' },
    });
  });
}

/** What a program of ours says that it got hold of. */
export function reachedBy({ stdout }: EndedOutcome): string[] {
  return [...stdout.text.matchAll(/^reached (.+)$/gm)].map(([, what]) => what!).toSorted();
}

export async function expectNothingLeft(mark: string): Promise<void> {
  let left: number[] = [];
  await eventually(async () => {
    left = await processesWith(mark);
    return left.length === 0 ? 'none' : null;
  }, survivalMs).catch(() => {});
  expect(left).toEqual([]);
}

/** An outcome in so many words, for a test that fails. */
function brief({ reason, killedBy, limit, exitCode, signal, error, stdout, stderr }: EndedOutcome) {
  const ends = { stdout: stdout.text.slice(-200), stderr: stderr.text.slice(-600) };
  return { reason, killedBy, limit, exitCode, signal, error: error?.message, ...ends };
}
