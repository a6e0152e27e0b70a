import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { defaultLimits } from '@runfleet/shared/model/task-limits.ts';
import { failed, ok, warning, type Finding } from '../finding.ts';
import type { WorkerPlan } from '../plan.ts';
import { formatBytes } from '../sizes.ts';

const mib = 1024 * 1024;

export interface DiskSpace {
  freeBytes: number;
  /** Infinity on file systems that do not count them. */
  freeInodes: number;
}

/** What is free where attempts get their directories. In the sandbox they are in memory, and little is written here. */
export function checkDisk({ freeBytes, freeInodes }: DiskSpace, plan: WorkerPlan): Finding {
  const item = 'limits.disk';
  const inodes = freeInodes === Infinity ? '' : ` and ${freeInodes} inodes`;
  const found = `${formatBytes(freeBytes)}${inodes} free in ${plan.workDir}`;
  const onDisk = plan.isolation === 'sandbox' ? 0 : plan.concurrency;
  const wantedBytes = Math.max(16 * mib, onDisk * defaultLimits.diskBytes);
  const wantedInodes = Math.max(100, onDisk * defaultLimits.inodes);
  const means = `${plan.concurrency} tasks at once may take ${formatBytes(wantedBytes)} and ${wantedInodes} inodes here`;
  const remedy = '--work-dir DIRECTORY, on a file system of its own with room';
  if (freeBytes >= wantedBytes && freeInodes >= wantedInodes) return ok(item, found, means);
  const judge = freeBytes < 16 * mib || freeInodes < 100 ? failed : warning;
  return judge(item, found, means, remedy);
}

/** Of the file system that a path is on, or would be when it is made. */
export async function readDiskSpace(path: string): Promise<DiskSpace> {
  try {
    const { bavail, bsize, files, ffree } = await statfs(path);
    return { freeBytes: bavail * bsize, freeInodes: files === 0 ? Infinity : ffree };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing || dirname(path) === path) throw error;
    return readDiskSpace(dirname(path));
  }
}
