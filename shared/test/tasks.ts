import { randomBytes, randomUUID } from 'node:crypto';
import { claimAttempts, type Delivery } from '../src/db/claim-attempts.ts';
import type { Database } from '../src/db/database.ts';
import { insertTask, type NewTask } from '../src/db/insert-task.ts';
import type { EndedAttempt } from '../src/db/record-outcomes.ts';
import { registerWorker } from '../src/db/register-worker.ts';
import type { CapturedStream, EndedOutcome } from '../src/model/outcome.ts';

let lastIdMs = 0;

/** A UUIDv7 that sorts behind every one before it. */
export function nextTaskId(): string {
  lastIdMs = Math.max(lastIdMs + 1, Date.now());
  const time = lastIdMs.toString(16).padStart(12, '0');
  const random = randomBytes(10).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

/** Puts a task in; what is not said of it is ordinary. Answers with its id. */
export async function submitTask(db: Database, task: Partial<NewTask> = {}): Promise<string> {
  const id = task.id ?? nextTaskId();
  await insertTask(db, {
    tenantId: 'acme',
    type: 'javascript',
    code: 'console.log(2+2)',
    prompt: null,
    timeoutMs: 30_000,
    maxAttempts: 3,
    input: null,
    limits: null,
    ...task,
    id,
  });
  return id;
}

export interface TestWorker {
  id: string;
  instance: string;
}

/** A worker process that has registered, under an id of its own or the one given. */
export async function startWorker(db: Database, id = `w-${randomUUID()}`): Promise<TestWorker> {
  const worker = { id, instance: randomUUID() };
  await registerWorker(db, {
    ...worker,
    type: 'javascript',
    host: 'host.test',
    pid: 4711,
    version: '0.0.0-test',
    concurrency: 2,
  });
  return worker;
}

/** A task that the worker runs; answers with the fence that it holds. */
export async function runningTask(
  db: Database,
  worker: TestWorker,
  task: Partial<NewTask> = {},
): Promise<Delivery> {
  const taskId = await submitTask(db, task);
  const delivery = { taskId, attempt: 1, delivery: 1 };
  const claimed = await claimAttempts(db, worker, [delivery]);
  if (claimed.length !== 1) throw new Error(`${worker.id} could not claim ${taskId}`);
  return delivery;
}

export function captured(text: string): CapturedStream {
  return { text, bytes: Buffer.byteLength(text), droppedBytes: 0 };
}

export function endedOutcome(outcome: Partial<EndedOutcome> = {}): EndedOutcome {
  return {
    kind: 'ended',
    reason: 'ok',
    killedBy: null,
    limit: null,
    exitCode: 0,
    signal: null,
    durationMs: 12.5,
    cpuMs: 8.25,
    memoryPeakBytes: 40_000_000,
    timings: { prepareMs: 1.5, runMs: 12.5, collectMs: 0.5 },
    stdout: captured('4\n'),
    stderr: captured(''),
    error: null,
    value: null,
    isolation: { level: 'process', parts: { memory: 'heap' } },
    ...outcome,
  };
}

/** The outcome of what a worker holds, ready to be recorded. */
export function endedAttempt(
  held: Delivery,
  worker: TestWorker,
  outcome: Partial<EndedOutcome> = {},
): EndedAttempt {
  return { ...held, workerId: worker.id, outcome: endedOutcome(outcome) };
}
