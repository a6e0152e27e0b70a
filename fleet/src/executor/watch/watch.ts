import type { TaskLimits } from '@runfleet/shared/model/task-limits.ts';
import type { WatchedLimit } from '../attempt.ts';
import { idleBytes } from './idle-bytes.ts';
import { readInodes, readUsage } from './read-usage.ts';

/** How often a running child is looked at. One look reads one small file. */
const intervalMs = 50;

export interface WatchedChild {
  /** Null when it cannot be seen: then no limit is watched. */
  pid: number | null;
  /** Its directory where that is a file system of its own; null where inodes cannot be told apart. */
  ownFileSystem: string | null;
  limits: TaskLimits;
}

export interface Watching {
  /** What was seen; null where nothing could be. Ends the watch. */
  finish(): { cpuMs: number | null; residentPeakBytes: number | null };
}

/**
 * Looks at a running child until it is told to finish, and says when a limit is met: CPU time, memory, threads, inodes.
 *
 * @param onLimit called once, with the first limit that was met
 */
export function watch(child: WatchedChild, onLimit: (limit: WatchedLimit) => void): Watching {
  const { pid } = child;
  const before = pid === null ? null : readUsage(pid);
  let cpuMs: number | null = null;
  let residentPeakBytes: number | null = null;
  const timer = setInterval(look, intervalMs);

  function look(): void {
    if (pid === null || before === null) return;
    const usage = readUsage(pid);
    if (usage === null) return;
    cpuMs = usage.cpuMs - before.cpuMs;
    residentPeakBytes = Math.max(residentPeakBytes ?? 0, usage.residentBytes);
    const limit = limitMet(pid, cpuMs, usage.residentBytes, usage.threads);
    if (limit !== null) {
      clearInterval(timer);
      onLimit(limit);
    }
  }
  function limitMet(
    programPid: number,
    usedCpuMs: number,
    residentBytes: number,
    threads: number,
  ): WatchedLimit | null {
    const { limits, ownFileSystem } = child;
    if (residentBytes > limits.memoryBytes + idleBytes) return 'memory';
    if (usedCpuMs > limits.cpuMs) return 'cpu';
    if (threads > limits.threads) return 'threads';
    if (ownFileSystem !== null) {
      const inodes = readInodes(programPid, ownFileSystem);
      if (inodes !== null && inodes > limits.inodes) return 'inodes';
    }
    return null;
  }

  return {
    finish() {
      clearInterval(timer);
      return { cpuMs, residentPeakBytes };
    },
  };
}
