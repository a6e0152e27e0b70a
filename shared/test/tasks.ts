import { randomBytes, randomUUID } from 'node:crypto';
import { claimAttempts, type Delivery } from '../src/db/claim-attempts.ts';
import type { Database } from '../src/db/database.ts';
import { insertTask, type NewTask } from '../src/db/insert-task.ts';
import type { EndedAttempt } from '../src/db/record-outcomes.ts';
import { registerWorker } from '../src/db/register-worker.ts';
import type { EndedOutcome } from '../src/model/outcome.ts';
import { endedOutcome } from './outcomes.ts';

let lastIdMs = 0;

/** A UUIDv7 that sorts behind every one before it. */
export function nextTaskId(): string {
  lastIdMs = Math.max(lastIdMs + 1, Date.now());
  const time = lastIdMs.toString(16).padStart(12, '0');
  const random = randomBytes(10).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

/** A task to be put in; what is not said of it is ordinary. */
export function newTask(task: Partial<NewTask> = {}): NewTask {
  return {
    id: nextTaskId(),
    tenantId: 'acme',
    type: 'javascript',
    code: 'console.log(2+2)',
    prompt: null,
    timeoutMs: 30_000,
    maxAttempts: 3,
    expiresInMs: null,
    retry: null,
    input: null,
    limits: null,
    ...task,
  };
}

/** Puts a task in. Answers with its id. */
export async function submitTask(db: Database, task: Partial<NewTask> = {}): Promise<string> {
  const wanted = newTask(task);
  await insertTask(db, wanted);
  return wanted.id;
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

/** The outcome of what a worker holds, ready to be recorded. */
export function endedAttempt(
  held: Delivery,
  worker: TestWorker,
  outcome: Partial<EndedOutcome> = {},
): EndedAttempt {
  return { ...held, workerId: worker.id, outcome: endedOutcome(outcome) };
}
