import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../until.ts';
import type { Fault } from './fault.ts';

/** Redis is killed, and started again on what its append-only file has. */
export const restartRedis: Fault = {
  name: 'restart-redis',
  async run(system, random, signal) {
    const downMs = random.between(0, 3_000);
    await system.redis.kill();
    await delay(downMs, undefined, { signal }).catch(() => {});
    await system.redis.start();
    signal.throwIfAborted();
    return { mayCost: 'all', note: `down for ${Math.round(downMs)} ms` };
  },
};

/** Everything in Redis is gone: jobs, locks, heartbeats, outcomes on their way. */
export const flushRedis: Fault = {
  name: 'flush-redis',
  async run(system) {
    const keys = await system.redis.redis.dbsize();
    await system.redis.redis.flushall();
    return { mayCost: 'all', note: `${keys} keys` };
  },
};

/** Redis is out of memory, and refuses everything that adds: jobs, outcomes, heartbeats, the renewal of locks. */
export const fillRedis: Fault = {
  name: 'fill-redis',
  async run(system, random, signal) {
    const forMs = random.between(1_000, 5_000);
    const { redis } = system.redis;
    await redis.config('SET', 'maxmemory', '1');
    try {
      await delay(forMs, undefined, { signal });
    } finally {
      await until('Redis takes its memory back', 10_000, async () => redis.config('SET', 'maxmemory', '0'));
    }
    return { mayCost: 'all', note: `for ${Math.round(forMs)} ms` };
  },
};
