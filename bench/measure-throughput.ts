import type { BenchContext } from './bench-context.ts';
import { closedLoop, forTime } from './closed-loop.ts';
import { latencyOf, type Latency } from './latency.ts';
import { median } from './quantiles.ts';
import { runTask, type TaskTimes } from './run-task.ts';
import { sampleMemory, type PartPid } from './sample-memory.ts';
import { spawnBare } from './spawn-bare.ts';
import { TaskWatch } from './task-watch.ts';

export interface Throughput {
  clients: number;
  childrenAtOnce: number;
  /** Tasks a second, block by block; the blocks of both kinds took turns. */
  runfleet: number[];
  bareSpawn: number[];
  runfleetMedian: number;
  bareSpawnMedian: number;
  /** The median of each pair's Runfleet over its bare spawn. */
  ratio: number;
}

export interface UnderLoad {
  throughput: Throughput;
  /** Of all tasks of the Runfleet blocks. */
  latency: Latency;
  memory: Map<string, number[]>;
}

const watchEveryMs = 10;
const sampleEveryMs = 250;

/** Runfleet and the bare loop in turns, so that whatever else the machine does falls on both. */
export async function measureThroughput(
  context: BenchContext,
  parts: readonly PartPid[],
): Promise<UnderLoad> {
  const { plan, clients, childrenAtOnce } = context;
  await runfleetBlock(context, plan.warmUpMs);
  const runfleet: number[] = [];
  const bareSpawn: number[] = [];
  const times: TaskTimes[] = [];
  const memory = new Map<string, number[]>(parts.map(({ name }) => [name, []]));
  for (let pair = 0; pair < plan.pairs; pair += 1) {
    const stopSampling = sampleMemory(parts, sampleEveryMs);
    const block = await runfleetBlock(context, plan.blockMs);
    stopSampling().forEach((samples, name) => memory.get(name)?.push(...samples));
    times.push(...block.times);
    runfleet.push(block.perSecond);
    bareSpawn.push(await bareBlock(context, plan.blockMs));
  }
  const ratios = runfleet.map((perSecond, pair) => perSecond / (bareSpawn[pair] ?? Number.NaN));
  const throughput = {
    clients,
    childrenAtOnce,
    runfleet,
    bareSpawn,
    runfleetMedian: median(runfleet),
    bareSpawnMedian: median(bareSpawn),
    ratio: median(ratios),
  };
  return { throughput, latency: latencyOf(times), memory };
}

/** Tasks that were recorded while the block lasted; those still under way at its end are waited for, and not counted. */
export async function runfleetBlock(
  { stack, postgres, clients }: BenchContext,
  blockMs: number,
): Promise<{ perSecond: number; times: TaskTimes[] }> {
  const watch = new TaskWatch(postgres, watchEveryMs);
  const endsAt = Date.now() + blockMs;
  const times = await closedLoop(clients, forTime(blockMs), () => runTask(stack.edgeUrl, watch));
  return {
    perSecond: ratePerSecond(
      times.map(({ endedAt }) => endedAt),
      endsAt,
      blockMs,
    ),
    times,
  };
}

async function bareBlock({ childrenAtOnce, benchFile }: BenchContext, blockMs: number): Promise<number> {
  const endsAt = Date.now() + blockMs;
  const ends = await closedLoop(childrenAtOnce, forTime(blockMs), () => spawnBare(benchFile));
  return ratePerSecond(ends, endsAt, blockMs);
}

function ratePerSecond(ends: readonly number[], endsAt: number, blockMs: number): number {
  return ends.filter((endedAt) => endedAt <= endsAt).length / (blockMs / 1000);
}
