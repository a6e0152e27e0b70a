import { defaultLimits, maxLimits, type LimitsRequest, type TaskLimits } from '../model/task-limits.ts';

/** What a worker gives to a task that asks for nothing, and what it gives at most. */
export interface LimitPolicy {
  defaults: Omit<TaskLimits, 'cpuMs'>;
  max: TaskLimits;
}

/** A worker's policy: ours, but for what its owner has set. A default is never above what the worker gives at most. */
export function limitPolicy(defaults: LimitsRequest, most: LimitsRequest): LimitPolicy {
  const { cpu, ...rest } = most;
  const max = {
    ...maxLimits,
    ...given(rest),
    ...(cpu === undefined ? {} : { cpuMs: Math.round(cpu * 1000) }),
  };
  const { cpuMs: _, ...cut } = effectiveLimits(defaults, 0, { defaults: defaultLimits, max });
  return { defaults: cut, max };
}

function given(limits: Omit<LimitsRequest, 'cpu'>): Partial<TaskLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/**
 * Decides what an attempt may use. More than the worker gives is not refused, since another worker may give it: it is cut
 * to what this one gives. Without a word about CPU time it may have two processors all the time until its timeout.
 */
export function effectiveLimits(
  asked: LimitsRequest | null,
  timeoutMs: number,
  { defaults, max }: LimitPolicy,
): TaskLimits {
  const wanted: TaskLimits = {
    cpuMs: asked?.cpu === undefined ? 2 * timeoutMs : Math.round(asked.cpu * 1000),
    memoryBytes: asked?.memoryBytes ?? defaults.memoryBytes,
    outputBytes: asked?.outputBytes ?? defaults.outputBytes,
    diskBytes: asked?.diskBytes ?? defaults.diskBytes,
    inodes: asked?.inodes ?? defaults.inodes,
    openFiles: asked?.openFiles ?? defaults.openFiles,
    threads: asked?.threads ?? defaults.threads,
  };
  return {
    cpuMs: Math.min(wanted.cpuMs, max.cpuMs),
    memoryBytes: Math.min(wanted.memoryBytes, max.memoryBytes),
    outputBytes: Math.min(wanted.outputBytes, max.outputBytes),
    diskBytes: Math.min(wanted.diskBytes, max.diskBytes),
    inodes: Math.min(wanted.inodes, max.inodes),
    openFiles: Math.min(wanted.openFiles, max.openFiles),
    threads: Math.min(wanted.threads, max.threads),
  };
}
