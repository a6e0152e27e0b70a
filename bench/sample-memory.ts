import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { median } from './quantiles.ts';

const run = promisify(execFile);

/** Resident memory in MiB, of a process of the fleet. Children that run tasks are not part of it. */
export interface MemoryOfPart {
  part: string;
  atRest: number;
  underLoadMedian: number;
  underLoadMax: number;
}

export interface PartPid {
  name: string;
  pid: number;
}

/** Resident memory of each, in MiB. */
export async function readMemory(parts: readonly PartPid[]): Promise<Map<string, number>> {
  const pids = parts.map(({ pid }) => pid).join(',');
  const { stdout } = await run('ps', ['-o', 'pid=,rss=', '-p', pids]);
  const rssKiB = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]),
  );
  return new Map(parts.map(({ name, pid }) => [name, (rssKiB.get(pid) ?? Number.NaN) / 1024]));
}

/** Samples until it is stopped. */
export function sampleMemory(parts: readonly PartPid[], everyMs: number): () => Map<string, number[]> {
  const samples = new Map<string, number[]>(parts.map(({ name }) => [name, []]));
  const timer = setInterval(() => {
    // A sample that fails is one sample less.
    void readMemory(parts)
      .then((now) => now.forEach((mib, name) => samples.get(name)?.push(mib)))
      .catch(() => {});
  }, everyMs);
  return () => {
    clearInterval(timer);
    return samples;
  };
}

export function memoryOf(
  parts: readonly PartPid[],
  atRest: ReadonlyMap<string, number>,
  underLoad: ReadonlyMap<string, number[]>,
): MemoryOfPart[] {
  return parts.map(({ name }) => {
    const samples = underLoad.get(name) ?? [];
    return {
      part: name,
      atRest: atRest.get(name) ?? Number.NaN,
      underLoadMedian: median(samples),
      underLoadMax: Math.max(...samples),
    };
  });
}
