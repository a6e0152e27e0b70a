import { z } from 'zod';

const mib = 1024 * 1024;

/** What one attempt may use, beyond its wall time. */
export interface TaskLimits {
  /** Of all its threads together. */
  cpuMs: number;
  /** V8's heap and everything beside it. */
  memoryBytes: number;
  /** Written to stdout and stderr together, kept or not. */
  outputBytes: number;
  /** In its directory, all files together. */
  diskBytes: number;
  /** Files and directories. */
  inodes: number;
  openFiles: number;
  threads: number;
}

/** What a task gets that asks for nothing; `cpuMs` is twice its timeout then, so that the timeout comes first. */
export const defaultLimits: Omit<TaskLimits, 'cpuMs'> = {
  memoryBytes: 256 * mib,
  outputBytes: 64 * mib,
  diskBytes: 64 * mib,
  inodes: 10_000,
  openFiles: 256,
  threads: 64,
};

/** What a task may ask for at most. */
export const maxLimits: TaskLimits = {
  cpuMs: 600_000,
  memoryBytes: 2048 * mib,
  outputBytes: 1024 * mib,
  diskBytes: 1024 * mib,
  inodes: 100_000,
  openFiles: 4096,
  threads: 256,
};

/** The `limits` of a submission: each of them optional, `cpu` in seconds. */
export const limitsRequestSchema = z.strictObject({
  cpu: z
    .number()
    .min(0.1)
    .max(maxLimits.cpuMs / 1000)
    .optional(),
  memoryBytes: z
    .int()
    .min(16 * mib)
    .max(maxLimits.memoryBytes)
    .optional(),
  outputBytes: z.int().min(1024).max(maxLimits.outputBytes).optional(),
  diskBytes: z
    .int()
    .min(64 * 1024)
    .max(maxLimits.diskBytes)
    .optional(),
  inodes: z.int().min(16).max(maxLimits.inodes).optional(),
  openFiles: z.int().min(64).max(maxLimits.openFiles).optional(),
  threads: z.int().min(24).max(maxLimits.threads).optional(),
});
export type LimitsRequest = z.infer<typeof limitsRequestSchema>;
