import { z } from 'zod';
import { isolationSchema } from './outcome.ts';

/** The children that a worker has started ahead; the counts are since it started. */
export const poolStatusSchema = z.object({
  waiting: z.int().nonnegative(),
  /** Attempts that found a child ready. */
  hits: z.int().nonnegative(),
  /** Attempts that had to wait for one to start. */
  misses: z.int().nonnegative(),
  /** Children that died while they waited. */
  replaced: z.int().nonnegative(),
  spawnFailures: z.int().nonnegative(),
});
export type PoolStatus = z.infer<typeof poolStatusSchema>;

/** What a worker writes to Redis every few seconds; times are ISO 8601 by the worker's clock and only ever shown, never compared. */
export const heartbeatSchema = z.object({
  instance: z.uuid(),
  type: z.string(),
  host: z.string(),
  pid: z.int(),
  version: z.string(),
  startedAt: z.string(),
  beatAt: z.string(),
  concurrency: z.int().positive(),
  draining: z.boolean(),
  running: z.array(z.uuid()),
  counters: z.object({
    claimed: z.int().nonnegative(),
    completed: z.int().nonnegative(),
    failed: z.int().nonnegative(),
    givenBack: z.int().nonnegative(),
    /** Deliveries whose claim found the attempt gone. */
    dropped: z.int().nonnegative(),
    /** Time that attempts spent in their child, running ones included. */
    busyMs: z.number().nonnegative(),
    /** Time since this worker process started. */
    upMs: z.number().nonnegative(),
  }),
  /** What stands around each attempt; null from a worker of a version that did not say, which must not seem lost for it. */
  isolation: isolationSchema.nullable().default(null),
  pool: poolStatusSchema.nullable().default(null),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

/** Reads a heartbeat's JSON; null for a value that is missing or that no worker of this version wrote. */
export function parseHeartbeat(value: string | null | undefined): Heartbeat | null {
  if (value === null || value === undefined) return null;
  try {
    return heartbeatSchema.safeParse(JSON.parse(value)).data ?? null;
  } catch {
    return null;
  }
}
