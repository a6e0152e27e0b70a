import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { createExecutor, type Executor } from '@runfleet/fleet/executor/index.ts';
import type { Isolation } from '@runfleet/fleet/executor/isolation/isolation.ts';
import type { EndedOutcome, IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { noInput } from '@runfleet/shared/model/task-input.ts';
import { defaultLimits } from '@runfleet/shared/model/task-limits.ts';
import { closedLoop, forCount, forTime } from './closed-loop.ts';
import { median, quantiles, type Quantiles } from './quantiles.ts';
import { benchCode } from './run-task.ts';
import { spawnBare } from './spawn-bare.ts';

export interface ExecutorPlan {
  latencyRounds: number;
  pairs: number;
  blockMs: number;
  memoryAttempts: number;
}

export interface ExecutorFigures {
  level: IsolationLevel;
  /** Milliseconds. */
  bareSpawn: Quantiles;
  warmFirstOutput: Quantiles;
  coldFirstOutput: Quantiles;
  /** The p50 of each over the bare spawn's. */
  warmRatio: number;
  coldRatio: number;
  attemptsPerSecond: number[];
  barePerSecond: number[];
  /** The median of the pairs' ratios. */
  throughputRatio: number;
  ownCpuMsPerAttempt: number;
  /** Of this process over `memoryAttempts`. */
  residentMiB: { first: number; last: number; bytesPerAttempt: number };
}

const clockCode = 'console.log(performance.timeOrigin + performance.now())';

/** Children at the start cost what they cost: the warm figure is of one that has waited this long. */
const settleMs = 150;

export async function measureExecutor(
  isolation: Isolation,
  folder: string,
  plan: ExecutorPlan,
): Promise<ExecutorFigures> {
  const bareFile = join(folder, 'bare.js');
  writeFileSync(bareFile, benchCode);
  const cores = availableParallelism();
  const open = async (poolSize: number) => {
    const executor = createExecutor({ workRoot: join(folder, `work-${poolSize}`), isolation, poolSize });
    await executor.prepare();
    return executor;
  };
  const [warm, cold, busy] = [await open(1), await open(0), await open(cores)];
  try {
    const latency = await measureLatency(warm, cold, bareFile, plan);
    const throughput = await measureThroughput(busy, bareFile, cores, plan);
    const residentMiB = await measureMemory(busy, cores, plan);
    return { level: isolation.level, ...latency, ...throughput, residentMiB };
  } finally {
    await Promise.all([warm, cold, busy].map((executor) => executor.close()));
  }
}

async function measureLatency(warm: Executor, cold: Executor, bareFile: string, plan: ExecutorPlan) {
  const [bare, warmFirst, coldFirst]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < plan.latencyRounds; round += 1) {
    await delay(settleMs);
    warmFirst.push(await firstOutputMs(warm));
    await delay(settleMs);
    const startedAtMs = performance.now();
    await spawnBare(bareFile);
    bare.push(performance.now() - startedAtMs);
    coldFirst.push(await firstOutputMs(cold));
  }
  const [bareSpawn, warmFirstOutput, coldFirstOutput] = [bare, warmFirst, coldFirst].map(quantiles) as [
    Quantiles,
    Quantiles,
    Quantiles,
  ];
  return {
    bareSpawn,
    warmFirstOutput,
    coldFirstOutput,
    warmRatio: warmFirstOutput.p50 / bareSpawn.p50,
    coldRatio: coldFirstOutput.p50 / bareSpawn.p50,
  };
}

/** Both clocks are the machine's, to the microsecond. */
async function firstOutputMs(executor: Executor): Promise<number> {
  const calledAtMs = performance.timeOrigin + performance.now();
  return Number((await run(executor, clockCode)).stdout.text) - calledAtMs;
}

async function measureThroughput(executor: Executor, bareFile: string, cores: number, plan: ExecutorPlan) {
  const attemptsPerSecond: number[] = [];
  const barePerSecond: number[] = [];
  let cpuMs = 0;
  let attempts = 0;
  for (let pair = 0; pair < plan.pairs; pair += 1) {
    const before = process.cpuUsage();
    const done = await closedLoop(cores, forTime(plan.blockMs), () => run(executor, benchCode));
    const used = process.cpuUsage(before);
    cpuMs += (used.user + used.system) / 1000;
    attempts += done.length;
    attemptsPerSecond.push(done.length / (plan.blockMs / 1000));
    const bare = await closedLoop(cores, forTime(plan.blockMs), () => spawnBare(bareFile));
    barePerSecond.push(bare.length / (plan.blockMs / 1000));
  }
  const ratios = attemptsPerSecond.map((rate, pair) => rate / (barePerSecond[pair] ?? Number.NaN));
  return {
    attemptsPerSecond,
    barePerSecond,
    throughputRatio: median(ratios),
    ownCpuMsPerAttempt: cpuMs / attempts,
  };
}

async function measureMemory(executor: Executor, cores: number, plan: ExecutorPlan) {
  const samples: { attempts: number; bytes: number }[] = [];
  let attempts = 0;
  await closedLoop(cores, forCount(plan.memoryAttempts), async () => {
    await run(executor, benchCode);
    attempts += 1;
    if (attempts % Math.ceil(plan.memoryAttempts / 100) === 0) {
      samples.push({ attempts, bytes: process.memoryUsage.rss() });
    }
  });
  // The first half is where caches and compiled code settle.
  const settled = samples.slice(Math.floor(samples.length / 2));
  const mib = (sample: { bytes: number } | undefined) => Math.round((sample?.bytes ?? 0) / 1024 / 1024);
  return { first: mib(samples[0]), last: mib(samples.at(-1)), bytesPerAttempt: Math.round(slope(settled)) };
}

/** Least squares. */
function slope(samples: readonly { attempts: number; bytes: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map((s) => s.attempts)), mean(samples.map((s) => s.bytes))];
  const top = samples.reduce((sum, s) => sum + (s.attempts - x) * (s.bytes - y), 0);
  return top / samples.reduce((sum, s) => sum + (s.attempts - x) ** 2, 0);
}

async function run(executor: Executor, code: string): Promise<EndedOutcome> {
  const limits = { ...defaultLimits, cpuMs: 60_000 };
  const program = { taskId: randomUUID(), attempt: 1, code, timeoutMs: 30_000, input: noInput, limits };
  const outcome = await executor.run(program).outcome;
  if (outcome.kind !== 'ended' || outcome.reason !== 'ok') {
    throw new Error(`an attempt did not end well: ${JSON.stringify(outcome).slice(0, 500)}`);
  }
  return outcome;
}
