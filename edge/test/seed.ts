import { claimAttempts, type Delivery } from '@runfleet/shared/db/claim-attempts.ts';
import { insertTask } from '@runfleet/shared/db/insert-task.ts';
import { recordOutcomes } from '@runfleet/shared/db/record-outcomes.ts';
import { registerWorker } from '@runfleet/shared/db/register-worker.ts';
import { openTenantId } from '@runfleet/shared/model/api-key.ts';
import type { Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import { defaultTimings, heartbeatTtlMs } from '@runfleet/shared/model/timings.ts';
import type { EndedOutcome } from '@runfleet/shared/model/outcome.ts';
import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import { v7 as uuidv7 } from 'uuid';
import { endedOutcome } from '../../shared/test/outcomes.ts';
import type { EdgeUnderTest } from './use-edge.ts';

/*
 * Rows as the parts of the fleet make them: through the same statements.
 */

export interface SeededTask {
  tenantId?: string;
  type?: string;
  maxAttempts?: number;
  timeoutMs?: number;
  expiresInMs?: number;
}

/** A queued task whose job is on no queue. */
export async function seedTask(edge: EdgeUnderTest, task: SeededTask = {}): Promise<string> {
  const id = uuidv7();
  await insertTask(edge.db(), {
    id,
    tenantId: openTenantId,
    type: edge.type,
    code: 'console.log(2+2)',
    prompt: null,
    timeoutMs: 30_000,
    maxAttempts: 3,
    expiresInMs: null,
    retry: null,
    input: null,
    limits: null,
    ...task,
  });
  return id;
}

export interface SeededWorker {
  id: string;
  instance: string;
}

let workers = 0;

/** A registered worker, without a heartbeat. */
export async function seedWorker(
  edge: EdgeUnderTest,
  worker: Partial<SeededWorker> = {},
): Promise<SeededWorker> {
  workers += 1;
  // The edge's type makes the id unique: heartbeats are in a Redis that all files share.
  const seeded = { id: `${edge.type}-w${workers}`, instance: crypto.randomUUID(), ...worker };
  const process = { type: edge.type, host: 'host-1', pid: 4711, version: '0.1.0', concurrency: 4 };
  await registerWorker(edge.db(), { ...seeded, ...process });
  return seeded;
}

/** Lets a worker claim the current attempts of tasks. */
export async function claim(
  edge: EdgeUnderTest,
  worker: SeededWorker,
  taskIds: readonly string[],
  fence: Partial<Delivery> = {},
): Promise<Delivery[]> {
  const deliveries = taskIds.map((taskId) => ({ taskId, attempt: 1, delivery: 1, ...fence }));
  const claimed = await claimAttempts(edge.db(), worker, deliveries);
  if (claimed.length !== taskIds.length) throw new Error(`claimed ${claimed.length} of ${taskIds.length}`);
  return deliveries;
}

/** Records the outcome of a claimed attempt; false when it was late. */
export async function record(
  edge: EdgeUnderTest,
  worker: SeededWorker,
  delivery: Delivery,
  outcome: Partial<EndedOutcome> = {},
): Promise<boolean> {
  const recorded = await recordOutcomes(edge.db(), [
    { ...delivery, workerId: worker.id, outcome: endedOutcome(outcome) },
  ]);
  return recorded.length === 1;
}

export function heartbeatOf(
  edge: EdgeUnderTest,
  worker: SeededWorker,
  differences: Partial<Heartbeat> = {},
): Heartbeat {
  const now = new Date().toISOString();
  return {
    instance: worker.instance,
    type: edge.type,
    host: 'host-1',
    pid: 4711,
    version: '0.1.0',
    startedAt: now,
    beatAt: now,
    concurrency: 4,
    draining: false,
    running: [],
    counters: { claimed: 0, completed: 0, failed: 0, givenBack: 0, dropped: 0, busyMs: 0, upMs: 60_000 },
    isolation: { level: 'process', parts: { memory: 'heap' } },
    pool: { waiting: 1, hits: 0, misses: 0, replaced: 0, spawnFailures: 0 },
    ...differences,
  };
}

/** Writes a worker's heartbeat as the fleet does. */
export async function beat(
  edge: EdgeUnderTest,
  worker: SeededWorker,
  differences: Partial<Heartbeat> = {},
): Promise<void> {
  const value = JSON.stringify(heartbeatOf(edge, worker, differences));
  await edge.redis().set(heartbeatKey(worker.id), value, { px: heartbeatTtlMs(defaultTimings) });
}
