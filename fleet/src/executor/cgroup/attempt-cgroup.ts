import { mkdirSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskLimits } from '@runfleet/shared/model/task-limits.ts';
import { idleBytes } from '../watch/idle-bytes.ts';
import { errorCode, readCgroup, readCount, writeCgroup } from './cgroup-files.ts';
import type { CgroupController } from './delegation.ts';

/** What was full when the kernel killed: the group that had met its limit, or the host. */
export type OutOfMemory = 'no' | 'group' | 'host';

/** What the kernel says of a group whose processes have ended. */
export interface CgroupUsage {
  /** Whether the kernel killed for want of memory, and whose was full; null where it is not counted. */
  outOfMemory: OutOfMemory | null;
  /** Null where it is not kept. */
  memoryPeakBytes: number | null;
}

/** Above the limit on threads: processes of the sandbox itself, and room in which the watch sees who goes over it. */
const spareThreads = 16;

/** What the kernel holds for an inode of a tmpfs and its name. */
const inodeBytes = 1536;

/** How long a killed process may take to be gone: it can be in the middle of freeing gigabytes. */
const removalDeadlineMs = 5_000;

/** The control group of one child and whatever it starts, made before the child and gone after it. */
export class AttemptCgroup {
  readonly directory: string;
  readonly #controllers: readonly CgroupController[];

  constructor(directory: string, controllers: readonly CgroupController[]) {
    this.directory = directory;
    this.#controllers = controllers;
    mkdirSync(directory);
    if (!controllers.includes('memory')) return;
    // Else a process of it could end alone, and the others go on without it.
    writeCgroup(directory, 'memory.oom.group', '1');
    // Missing where the kernel knows no swap.
    if (readCgroup(directory, 'memory.swap.max') !== null) writeCgroup(directory, 'memory.swap.max', '0');
  }

  /** @param filesInMemory its directory is a tmpfs, so what it holds counts as memory too */
  limit(limits: TaskLimits, filesInMemory: boolean): void {
    if (this.#controllers.includes('memory')) {
      const files = filesInMemory ? limits.diskBytes + limits.inodes * inodeBytes : 0;
      writeCgroup(this.directory, 'memory.max', String(limits.memoryBytes + idleBytes + files));
    }
    if (this.#controllers.includes('pids')) {
      writeCgroup(this.directory, 'pids.max', String(limits.threads + spareThreads));
    }
  }

  read(): CgroupUsage {
    if (!this.#controllers.includes('memory')) return { outOfMemory: null, memoryPeakBytes: null };
    const peak = readCgroup(this.directory, 'memory.peak');
    return {
      outOfMemory: this.#outOfMemory(),
      memoryPeakBytes: peak === null ? null : Number(peak),
    };
  }

  #outOfMemory(): OutOfMemory | null {
    // Killed in the group by anyone's shortage; and the group's own.
    const kills = readCount(this.directory, 'memory.events', 'oom_kill');
    const own = readCount(this.directory, 'memory.events', 'oom');
    if (kills === null || own === null) return null;
    if (kills === 0) return 'no';
    return own > 0 ? 'group' : 'host';
  }

  /** Kills every process in it, those that are just being forked too. Harmless when it is gone. */
  kill(): void {
    try {
      writeCgroup(this.directory, 'cgroup.kill', '1');
    } catch {
      // ENOENT, ENODEV: it was removed, and nothing is in it.
    }
  }

  /** Kills what is in it and settles when that is gone. Rejects when it is not, after some seconds. */
  async remove(): Promise<void> {
    const deadlineMs = performance.now() + removalDeadlineMs;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
      try {
        return await rmdir(this.directory);
      } catch (error) {
        const code = errorCode(error);
        if (code === 'ENOENT') return;
        if (code !== 'EBUSY' || performance.now() > deadlineMs) throw error;
      }
      this.kill();
      await delay(pauseMs);
    }
  }
}
