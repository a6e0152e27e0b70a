import { Redis } from '@upstash/redis';
import type { Settings } from './bindings.ts';

/** A command that takes longer is given up. What it would have done is made up for by the next reconcile. */
const commandTimeoutMs = 5_000;

/** Redis over HTTP: one request for each command or pipeline, no connection. */
export function openRedis(settings: Settings): Redis {
  return new Redis({
    url: settings.redisUrl,
    token: settings.redisToken,
    // BullMQ wants replies as Redis gave them.
    automaticDeserialization: false,
    enableTelemetry: false,
    enableAutoPipelining: false,
    readYourWrites: false,
    signal: () => AbortSignal.timeout(commandTimeoutMs),
    retry: { retries: 1, backoff: () => 100 },
  });
}
