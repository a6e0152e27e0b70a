import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal } from '@runfleet/shared/model/status.ts';
import type { Task, TaskWithResult } from '@runfleet/shared/model/task.ts';
import type { Worker } from '@runfleet/shared/model/worker.ts';

/** What a user does with the API, over real HTTP. */
export class Client {
  readonly #edgeUrl: string;

  constructor(edgeUrl: string) {
    this.#edgeUrl = edgeUrl;
  }

  async submit(task: { code: string; [field: string]: unknown }): Promise<Task> {
    const response = await fetch(`${this.#edgeUrl}/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(task),
    });
    if (response.status !== 202) throw new Error(`POST /tasks: ${response.status} ${await response.text()}`);
    return (await response.json()) as Task;
  }

  task(id: string): Promise<TaskWithResult> {
    return this.#get(`/tasks/${id}`);
  }

  async tasks(query = ''): Promise<{ tasks: Task[]; nextCursor: string | null }> {
    return this.#get(`/tasks${query}`);
  }

  async workers(): Promise<Worker[]> {
    return (await this.#get<{ workers: Worker[] }>('/workers')).workers;
  }

  worker(id: string): Promise<Worker> {
    return this.#get(`/workers/${id}`);
  }

  /** The task once it has ended. */
  ended(id: string, withinMs = 30_000): Promise<TaskWithResult> {
    return this.until(
      `task ${id} has ended`,
      () => this.task(id),
      (task) => isTerminal(task.status),
      withinMs,
    );
  }

  run(task: { code: string; [field: string]: unknown }, withinMs?: number): Promise<TaskWithResult> {
    return this.submit(task).then(({ id }) => this.ended(id, withinMs));
  }

  /** What `look` sees as soon as it is as wished; an error with the last sight when that does not come. */
  async until<T>(
    wish: string,
    look: () => Promise<T>,
    isGranted: (sight: T) => boolean,
    withinMs = 30_000,
  ): Promise<T> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const sight = await look();
      if (isGranted(sight)) return sight;
      if (performance.now() > deadline) {
        throw new Error(`not within ${withinMs} ms: ${wish}; last seen ${JSON.stringify(sight)}`);
      }
      await delay(50);
    }
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(this.#edgeUrl + path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}
