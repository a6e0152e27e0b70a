import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { hostname } from 'node:os';
import type { Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import { defaultTimings, heartbeatTtlMs } from '@runfleet/shared/model/timings.ts';
import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeEach, expect, inject, test } from 'vitest';
import { heartbeatOf } from '../../test/heartbeat-of.ts';
import { StartError } from '../start-error.ts';
import { beat, releaseId, takeId } from './hold-id.ts';

const ttlMs = heartbeatTtlMs(defaultTimings);
const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.disconnect());

let id: string;
beforeEach(() => {
  id = `w-${randomUUID()}`;
});
afterEach(async () => {
  await redis.del(heartbeatKey(id));
});

const holder = async () => JSON.parse((await redis.get(heartbeatKey(id))) ?? 'null') as Heartbeat | null;

/** The pid of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

test('a beat is readable, and lives between 20 and 30 s', async () => {
  const mine = heartbeatOf();
  expect(await beat(redis, id, mine, ttlMs)).toBeNull();
  expect(await holder()).toEqual(mine);
  const ttl = await redis.ttl(heartbeatKey(id));
  expect(ttl).toBeGreaterThan(20);
  expect(ttl).toBeLessThanOrEqual(30);
});

test('a beat of our own is written over', async () => {
  const mine = heartbeatOf();
  await beat(redis, id, mine, ttlMs);
  await redis.pexpire(heartbeatKey(id), 5_000);
  expect(await beat(redis, id, { ...mine, draining: true }, ttlMs)).toBeNull();
  expect(await holder()).toMatchObject({ draining: true });
  expect(await redis.ttl(heartbeatKey(id))).toBeGreaterThan(20);
});

test("another process' beat is answered with, and stays", async () => {
  const [theirs, mine] = [heartbeatOf(), heartbeatOf()];
  await beat(redis, id, theirs, ttlMs);
  expect(await beat(redis, id, mine, ttlMs)).toEqual(theirs);
  expect(await holder()).toEqual(theirs);
});

test('an id that another process holds is refused, with what to do about it', async () => {
  await takeId(redis, id, heartbeatOf({ host: 'elsewhere.test', pid: 77 }), ttlMs);
  const refused = takeId(redis, id, heartbeatOf(), ttlMs);
  await expect(refused).rejects.toThrow(StartError);
  await expect(refused).rejects.toThrow(
    /is taken: process 77 on elsewhere\.test holds it .*choose another --id/,
  );
});

test('an id that a living process of this host holds is refused', async () => {
  await takeId(redis, id, heartbeatOf({ host: hostname(), pid: process.pid }), ttlMs);
  await expect(takeId(redis, id, heartbeatOf({ host: hostname() }), ttlMs)).rejects.toThrow('is taken');
});

test('an id that a dead process of this host left behind is taken over', async () => {
  await takeId(redis, id, heartbeatOf({ host: hostname(), pid: await deadPid() }), ttlMs);
  const mine = heartbeatOf({ host: hostname() });
  await takeId(redis, id, mine, ttlMs);
  expect(await holder()).toEqual(mine);
});

test('a pid that is dead here says nothing of another host', async () => {
  await takeId(redis, id, heartbeatOf({ host: 'elsewhere.test', pid: await deadPid() }), ttlMs);
  await expect(takeId(redis, id, heartbeatOf({ host: hostname() }), ttlMs)).rejects.toThrow('is taken');
});

test('of ten processes that want one id at once, one gets it', async () => {
  const tries = await Promise.allSettled(
    Array.from({ length: 10 }, () =>
      takeId(redis, id, heartbeatOf({ host: hostname(), pid: process.pid }), ttlMs),
    ),
  );
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a beat that only a worker of another version can read holds its id too', async () => {
  await redis.set(heartbeatKey(id), JSON.stringify({ instance: randomUUID(), format: 2 }));
  await expect(takeId(redis, id, heartbeatOf(), ttlMs)).rejects.toThrow(
    /is taken by a worker of another version/,
  );
  expect(await holder()).toMatchObject({ format: 2 });
});

test.each(['not JSON', '{"instance":', 'null', '5', '"text"', '[]', '{}', '{"instance":5}'])(
  'a value that no worker wrote (%s) is in nobody’s way',
  async (value) => {
    await redis.set(heartbeatKey(id), value);
    const mine = heartbeatOf();
    await takeId(redis, id, mine, ttlMs);
    expect(await holder()).toEqual(mine);
    await redis.set(heartbeatKey(id), value);
    await releaseId(redis, id, mine.instance);
  },
);

test('a release removes our own beat, and nobody else’s', async () => {
  const [theirs, mine] = [heartbeatOf(), heartbeatOf()];
  await beat(redis, id, theirs, ttlMs);
  await releaseId(redis, id, mine.instance);
  expect(await holder()).toEqual(theirs);
  await releaseId(redis, id, theirs.instance);
  expect(await redis.exists(heartbeatKey(id))).toBe(0);
  await releaseId(redis, id, theirs.instance);
});
