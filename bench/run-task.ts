import type { Task } from '@runfleet/shared/model/task.ts';
import type { TaskWatch } from './task-watch.ts';

export const benchCode = 'console.log(2+2)';

/** One task's way, in milliseconds. */
export interface TaskTimes {
  /** POST begun → 202 read: the client's clock. */
  acceptedMs: number;
  /** Inserted → claimed by a worker: Postgres' clock. */
  queuedMs: number;
  /** The code handed over → the child's end: the worker's clock. */
  ranMs: number;
  /** POST begun → the statement that records it begun: the wall clock of the one machine that all of them share. */
  recordedMs: number;
  /** POST begun → another connection sees the committed row: the client's clock, late by up to the watch's interval. */
  seenMs: number;
  /** When it was recorded, in milliseconds since 1970. */
  endedAt: number;
}

/** Submits one task, as a client does, and waits until it is recorded. Throws when it does not end as `ok`. */
export async function runTask(edgeUrl: string, watch: TaskWatch): Promise<TaskTimes> {
  const begunAt = Date.now();
  const begunAtMs = performance.now();
  const response = await fetch(`${edgeUrl}/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: benchCode }),
  });
  if (response.status !== 202) throw new Error(`POST /tasks: ${response.status} ${await response.text()}`);
  const { id } = (await response.json()) as Task;
  const acceptedMs = performance.now() - begunAtMs;

  const task = await watch.ended(id);
  if (task.reason !== 'ok') throw new Error(`task ${id} ended as ${task.reason}`);
  return {
    acceptedMs,
    queuedMs: task.startedAt - task.createdAt,
    ranMs: task.durationMs,
    recordedMs: task.endedAt - begunAt,
    seenMs: task.seenAtMs - begunAtMs,
    endedAt: task.endedAt,
  };
}
