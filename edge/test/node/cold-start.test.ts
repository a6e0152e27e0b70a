import { fileURLToPath } from 'node:url';
import { tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { afterAll, expect, inject, it } from 'vitest';
import { unstable_startWorker as startWorker } from 'wrangler';
import type { Settings } from '../../src/bindings.ts';
import { openDatabase } from '../../src/open-database.ts';
import { openRedis } from '../../src/open-redis.ts';
import { createOwnDatabase } from '../own-database.ts';

/*
 * The Worker as wrangler bundles and serves it: the harness of edge/vitest.config.ts loads the modules in its own way,
 * and turns some of the runtime's flags.
 */

const sqlEndpoint = `${inject('gatewayUrl')}/sql`;
const database = await createOwnDatabase(sqlEndpoint);
const type = `cold-${crypto.randomUUID().slice(0, 13)}`;
const plain = (value: string) => ({ type: 'plain_text' as const, value });
const worker = await startWorker({
  config: fileURLToPath(new URL('../../../wrangler.toml', import.meta.url)),
  envFiles: [],
  bindings: {
    AUTH_MODE: plain('open'),
    DATABASE_URL: plain(database.url),
    SQL_ENDPOINT: plain(sqlEndpoint),
    UPSTASH_REDIS_REST_URL: plain(inject('gatewayUrl')),
    UPSTASH_REDIS_REST_TOKEN: plain(inject('gatewayToken')),
    TASK_TYPES: plain(type),
  },
  dev: {
    server: { hostname: '127.0.0.1', port: 0 },
    inspector: false,
    watch: false,
    persist: false,
    logLevel: 'none',
  },
});
const db = openDatabase({ databaseUrl: database.url, sqlEndpoint } as Settings);
const redis = openRedis({ redisUrl: inject('gatewayUrl'), redisToken: inject('gatewayToken') } as Settings);

afterAll(async () => {
  await worker.dispose();
  const keys = await redis.keys(`runfleet:${tasksQueueName(type)}:*`);
  if (keys.length > 0) await redis.del(...keys);
  await database.drop();
});

it('accepts and enqueues a hundred submissions that are the first that it ever gets', async () => {
  await redis.scriptFlush();
  const submit = async (index: number) => {
    const response = await worker.fetch('http://localhost/tasks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: `${index}` }),
    });
    return [response.status, ((await response.json()) as { id: string }).id] as const;
  };
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => submit(index)));
  expect(answers.filter(([status]) => status === 202)).toHaveLength(100);
  const ids = answers.map(([, id]) => id).toSorted();

  const rows = await db
    .selectFrom('tasks')
    .select('id')
    .where('status', '=', 'queued')
    .orderBy('id')
    .execute();
  expect(rows.map((row) => row.id)).toEqual(ids);
  const waiting = `runfleet:${tasksQueueName(type)}:wait`;
  await expect.poll(() => redis.llen(waiting), { timeout: 10_000, interval: 20 }).toBe(100);
  expect((await redis.lrange(waiting, 0, -1)).toSorted()).toEqual(ids.map((id) => `t-${id}-1`));
});
