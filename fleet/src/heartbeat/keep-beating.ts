import type { Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import { heartbeatTtlMs, type Timings } from '@runfleet/shared/model/timings.ts';
import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import { beat } from './hold-id.ts';

export interface Beating {
  /** Beats now, for a change that others should see at once. */
  now(): Promise<void>;
  /** No beat is written after this. */
  stop(): Promise<void>;
}

export interface BeatListener {
  /** A beat that was sent at this time, by the monotonic clock, has arrived. */
  heard(sentAtMs: number): void;
  /** Another process has taken the worker id: this one must end. */
  replaced(holder: Heartbeat): void;
}

/**
 * Beats every interval, and as soon as Redis is back after it was away. At most one beat is under way, so none pile up
 * while Redis is down.
 */
export function keepBeating(
  redis: Redis,
  workerId: string,
  read: () => Heartbeat,
  listener: BeatListener,
  timings: Timings,
  logger: Logger,
): Beating {
  let stopped = false;
  let underWay: Promise<void> | null = null;

  async function write(): Promise<void> {
    try {
      const sentAtMs = performance.now();
      const holder = await beat(redis, workerId, read(), heartbeatTtlMs(timings));
      if (holder === null) listener.heard(sentAtMs);
      else if (!stopped) listener.replaced(holder);
    } catch (error) {
      if (!stopped) logger.warn({ event: 'beat_failed', error });
    }
  }
  function now(): Promise<void> {
    if (stopped) return Promise.resolve();
    underWay ??= write().finally(() => (underWay = null));
    return underWay;
  }
  const onReady = () => void now();
  const timer = setInterval(onReady, timings.heartbeatMs);
  redis.on('ready', onReady);

  return {
    now,
    async stop() {
      stopped = true;
      clearInterval(timer);
      redis.off('ready', onReady);
      await underWay;
    },
  };
}
