import type { Stack } from '@runfleet/local/stack.ts';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Plan } from './plan.ts';

/** What every measurement needs. */
export interface BenchContext {
  plan: Plan;
  stack: Stack;
  postgres: Pool;
  redis: Redis;
  /** Children at once: the worker's concurrency, and the bare loop's. */
  childrenAtOnce: number;
  /** Clients that each submit their next task when the last one is recorded: enough to keep the worker busy. */
  clients: number;
  /** The program of the bare loop. */
  benchFile: string;
}
