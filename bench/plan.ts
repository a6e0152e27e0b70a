/** How much is measured. Times in milliseconds. */
export interface Plan {
  /** Without tasks, to see what an idle fleet asks of Redis. */
  restMs: number;
  /** Under load, and not counted: the first tasks find cold caches and unloaded scripts. */
  warmUpMs: number;
  /** Tasks submitted one at a time. */
  idleTasks: number;
  /** Pairs of blocks: Runfleet, bare spawn, Runfleet, …; an odd number, so that the median is one of them. */
  pairs: number;
  blockMs: number;
  /** Tasks whose requests are counted, one at a time and under load. */
  countedIdleTasks: number;
  countedLoadMs: number;
}

export const fullPlan: Plan = {
  restMs: 60_000,
  warmUpMs: 5_000,
  idleTasks: 200,
  pairs: 7,
  blockMs: 6_000,
  countedIdleTasks: 50,
  countedLoadMs: 6_000,
};

/** Under a minute, for a look; too short for figures worth keeping. */
export const quickPlan: Plan = {
  restMs: 10_000,
  warmUpMs: 2_000,
  idleTasks: 50,
  pairs: 3,
  blockMs: 2_000,
  countedIdleTasks: 20,
  countedLoadMs: 3_000,
};
