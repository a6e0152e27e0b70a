import { judgeLease } from '@runfleet/shared/decide/lease.ts';
import { heartbeatTtlMs, leaseMarginMs, type Timings } from '@runfleet/shared/model/timings.ts';
import type { Logger } from '../log.ts';

/** The part of BullMQ's worker that counts here. */
export interface Pausable {
  pause(doNotWaitActive: boolean): Promise<void>;
  resume(): Promise<void>;
}

export interface HeartbeatGuard {
  /** A heartbeat that was sent at this time, by the monotonic clock, has arrived. */
  heard(sentAtMs: number): void;
  stop(): void;
}

/**
 * Lets a worker take jobs only while its heartbeat says that it lives. Without that it would claim what it takes and, as
 * one that is taken for gone, give it back at once, over and over.
 *
 * taking ──no beat has arrived in time──▶ paused ──heard──▶ taking      (stop from either: it stays as it is)
 */
export function pauseWhileUnheard(consumer: Pausable, timings: Timings, logger: Logger): HeartbeatGuard {
  const lease = { lockMs: heartbeatTtlMs(timings), marginMs: leaseMarginMs(timings) };
  let timer: NodeJS.Timeout | undefined;
  let isPaused = false;
  let hasStopped = false;

  function pause(): void {
    isPaused = true;
    logger.warn({ event: 'unheard', pausedUntil: 'a heartbeat arrives' });
    void consumer.pause(true);
  }
  return {
    heard(sentAtMs) {
      if (hasStopped) return;
      clearTimeout(timer);
      const verdict = judgeLease(performance.now(), { renewedAtMs: sentAtMs, ...lease });
      if (verdict.kind === 'lost') {
        if (!isPaused) pause();
        return;
      }
      timer = setTimeout(pause, verdict.forMs);
      if (!isPaused) return;
      isPaused = false;
      logger.info({ event: 'heard_again' });
      void consumer.resume();
    },
    stop() {
      hasStopped = true;
      clearTimeout(timer);
    },
  };
}
