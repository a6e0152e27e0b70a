import { maxLimits } from '@runfleet/shared/model/task-limits.ts';
import type { SpawnLimits } from './isolation.ts';

const mib = 1024 * 1024;

/**
 * Private memory that Node maps without using it, for itself and for each of sixteen Workers; measured on Node 24. With
 * room for fewer V8 aborts when one more starts; more room lets no allocation get further, since the watch comes first.
 */
const reservedBytes = (560 + 16 * 526) * mib;

/**
 * The words before a command that bound what it can take from the system: backstops behind what the parent watches,
 * since it looks only every few milliseconds.
 */
export function withResourceLimits(limits: SpawnLimits): string[] {
  const cpuSeconds = Math.ceil(maxLimits.cpuMs / 1000) + 60;
  return [
    'prlimit',
    '--core=0',
    `--cpu=${cpuSeconds}`,
    `--data=${limits.memoryBytes + reservedBytes}`,
    `--fsize=${limits.diskBytes}`,
    `--nofile=${limits.openFiles}`,
    '--',
  ];
}
