import { randomUUID } from 'node:crypto';
import type { Heartbeat } from '@runfleet/shared/model/heartbeat.ts';

/** The heartbeat of some worker process, each of another one. */
export function heartbeatOf(heartbeat: Partial<Heartbeat> = {}): Heartbeat {
  return {
    instance: randomUUID(),
    type: 'javascript',
    host: 'host.test',
    pid: 4711,
    version: '0.0.0-test',
    startedAt: '2026-01-01T00:00:00.000Z',
    beatAt: '2026-01-01T00:00:10.000Z',
    concurrency: 1,
    draining: false,
    running: [],
    counters: { claimed: 0, completed: 0, failed: 0, givenBack: 0, dropped: 0, busyMs: 0, upMs: 1 },
    isolation: { level: 'process', parts: {} },
    pool: { waiting: 0, hits: 0, misses: 0, replaced: 0, spawnFailures: 0 },
    ...heartbeat,
  };
}
