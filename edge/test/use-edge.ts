import type { Database } from '@runfleet/shared/db/database.ts';
import { tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import type { TaskWithResult } from '@runfleet/shared/model/task.ts';
import type { Redis } from '@upstash/redis';
import { afterAll, expect, inject } from 'vitest';
import worker from '../src/index.ts';
import { readSettings, type Bindings, type Settings } from '../src/bindings.ts';
import { openDatabase } from '../src/open-database.ts';
import { openRedis } from '../src/open-redis.ts';
import { createOwnDatabase } from './own-database.ts';
import type { RedisOwner } from './redis-owners.ts';

export interface EdgeUnderTest {
  bindings: Bindings;
  settings: Settings;
  /** The default type of worker; no other test file has it, and so its queue. */
  type: string;
  /** Postgres and Redis as the edge itself reaches them. */
  db(): Database;
  redis(): Redis;
  /** Sends a request to the Worker; `bindings` replace those of the file for it. */
  fetch(path: string, init?: RequestInit, bindings?: Bindings): Promise<Response>;
  /** Resolves when the work that requests left behind for after their answer is done. */
  settled(): Promise<void>;
  /** Posts a task, expects that it is accepted, and waits until its job is enqueued. */
  submit(task: Record<string, unknown>, init?: RequestInit): Promise<TaskWithResult>;
  /** Fires the cron. */
  tick(bindings?: Bindings): Promise<void>;
}

/** The edge for one test file: the Worker itself, with a database and a queue that no other file uses. Call it at the top of the file. */
export async function useEdge(
  options: { redis?: RedisOwner; database?: string; bindings?: Bindings } = {},
): Promise<EdgeUnderTest> {
  const gatewayUrl = options.redis ? inject('ownGateways')[options.redis] : inject('gatewayUrl');
  const sqlEndpoint = `${inject('gatewayUrl')}/sql`;
  const database = await createOwnDatabase(sqlEndpoint, options.database);
  const type = `edge-${crypto.randomUUID().slice(0, 13)}`;
  const own: Bindings = {
    AUTH_MODE: 'open',
    DATABASE_URL: database.url,
    SQL_ENDPOINT: sqlEndpoint,
    UPSTASH_REDIS_REST_URL: gatewayUrl,
    UPSTASH_REDIS_REST_TOKEN: inject('gatewayToken'),
    TASK_TYPES: `${type},${type}-b`,
    ...options.bindings,
  };
  const settings = readSettings(own);
  const pending: Promise<unknown>[] = [];
  const context = {
    waitUntil: (promise: Promise<unknown>) => void pending.push(promise),
    passThroughOnException: () => {},
    props: {},
  };

  const edge: EdgeUnderTest = {
    bindings: own,
    settings,
    type,
    db: () => openDatabase(settings),
    redis: () => openRedis(settings),
    async fetch(path, init, bindings) {
      const request = new Request(new URL(path, 'http://localhost:3000'), init);
      return worker.fetch(request, { ...own, ...bindings }, context);
    },
    async settled() {
      while (pending.length > 0) await pending.shift();
    },
    async submit(task, init) {
      const response = await edge.fetch('/tasks', { ...jsonBody(task), ...init });
      expect(response.status).toBe(202);
      await edge.settled();
      return (await response.json()) as TaskWithResult;
    },
    tick: (bindings) => worker.scheduled({}, { ...own, ...bindings }),
  };
  afterAll(async () => {
    await edge.settled();
    await removeQueues(edge);
    await database.drop();
  });
  return edge;
}

export function jsonBody(value: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  };
}

/** Every key of a queue of this file, by BullMQ's prefix. */
export async function queueKeys(edge: EdgeUnderTest, type = edge.type): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, page] = await edge
      .redis()
      .scan(cursor, { match: `runfleet:${tasksQueueName(type)}:*`, count: 1000 });
    keys.push(...page);
    cursor = next;
  } while (cursor !== '0');
  return keys.toSorted();
}

async function removeQueues(edge: EdgeUnderTest): Promise<void> {
  const keys = (await Promise.all(edge.settings.types.map((type) => queueKeys(edge, type)))).flat();
  if (keys.length > 0) await edge.redis().del(...keys);
}
