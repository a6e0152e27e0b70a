import { randomUUID } from 'node:crypto';
import type { Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import { defaultTimings } from '@runfleet/shared/model/timings.ts';
import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { collectLog } from '../../test/collect-log.ts';
import { eventually } from '../../test/eventually.ts';
import { heartbeatOf } from '../../test/heartbeat-of.ts';
import { redisUrl } from '../../test/services.ts';
import { startRedis } from '../../test/start-redis.ts';
import { openRedis } from '../open-redis.ts';
import { keepBeating, type BeatListener } from './keep-beating.ts';

let redis: Redis;
let id: string;
const mine = heartbeatOf();

beforeEach(() => {
  redis = new Redis(redisUrl());
  id = `w-${randomUUID()}`;
});
afterEach(async () => {
  vi.useRealTimers();
  await redis.del(heartbeatKey(id));
  redis.disconnect();
});

const isThere = () => redis.exists(heartbeatKey(id));
const heard: number[] = [];
const listener: BeatListener = {
  heard: (sentAtMs) => void heard.push(sentAtMs),
  replaced: () => expect.unreachable('nobody has replaced it'),
};

test('it beats every interval, and when it is asked to', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const beating = keepBeating(redis, id, () => mine, listener, defaultTimings, collectLog().logger);
  const beforeMs = performance.now();
  await beating.now();
  expect(heard.at(-1)).toBeGreaterThanOrEqual(beforeMs);
  expect(await isThere()).toBe(1);
  await redis.del(heartbeatKey(id));
  vi.advanceTimersByTime(defaultTimings.heartbeatMs);
  await vi.waitFor(async () => expect(await isThere()).toBe(1));
  await beating.stop();
});

test('after it was stopped no beat is written, and no timer is left', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const beating = keepBeating(redis, id, () => mine, listener, defaultTimings, collectLog().logger);
  await beating.stop();
  await beating.stop();
  expect(vi.getTimerCount()).toBe(0);
  await beating.now();
  expect(await isThere()).toBe(0);
  expect(redis.listenerCount('ready')).toBe(0);
});

test('it tells when another process has taken the id, and leaves that one its beat', async () => {
  const theirs = heartbeatOf();
  await redis.set(heartbeatKey(id), JSON.stringify(theirs));
  const replacedBy: Heartbeat[] = [];
  const beating = keepBeating(
    redis,
    id,
    () => mine,
    { ...listener, replaced: (holder) => void replacedBy.push(holder) },
    defaultTimings,
    collectLog().logger,
  );
  const before = heard.length;
  await beating.now();
  expect(replacedBy).toEqual([theirs]);
  expect(heard).toHaveLength(before);
  expect(await redis.get(heartbeatKey(id))).toBe(JSON.stringify(theirs));
  await beating.stop();
});

test('it beats as soon as Redis is back, and one beat at a time waits for that', async () => {
  const own = await startRedis();
  const { logger } = collectLog();
  const connection = openRedis(own.url, 'test', logger);
  let reads = 0;
  const read = () => {
    reads += 1;
    return mine;
  };
  const beating = keepBeating(connection, id, read, listener, defaultTimings, logger);
  await beating.now();
  const readsBefore = reads;
  await own.stop();
  await eventually(() => connection.status).toBe('reconnecting');
  const waiting = [beating.now(), beating.now(), beating.now()];
  expect(reads - readsBefore).toBe(1);

  const again = await startRedis(own.port);
  await Promise.all(waiting);
  await eventually(() => connection.exists(heartbeatKey(id))).toBe(1);
  await beating.stop();
  connection.disconnect();
  await again.stop();
});
