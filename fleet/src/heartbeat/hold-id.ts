import { hostname } from 'node:os';
import { parseHeartbeat, type Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import type { Redis } from 'ioredis';
import { StartError } from '../start-error.ts';

/** Writes a beat unless another instance's is there, and then answers with that one. */
const beatScript = `
local held = redis.call('GET', KEYS[1])
if held then
  local readable, beat = pcall(cjson.decode, held)
  local holder = readable and type(beat) == 'table' and beat.instance
  if type(holder) == 'string' and holder ~= ARGV[1] and holder ~= ARGV[2] then return held end
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return false`;

const releaseScript = `
local held = redis.call('GET', KEYS[1])
if not held then return 0 end
local readable, beat = pcall(cjson.decode, held)
local holder = readable and type(beat) == 'table' and beat.instance
if type(holder) == 'string' and holder ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/**
 * Writes this worker's heartbeat.
 *
 * @param ttlMs how long it says that this worker lives
 * @param replacing an instance that is known to be dead, whose heartbeat may be taken over
 * @returns the heartbeat of another process that holds the id, and then nothing was written; null when it is ours
 * @throws StartError when the id is held by a worker whose heartbeat cannot be read here
 */
export async function beat(
  redis: Redis,
  workerId: string,
  heartbeat: Heartbeat,
  ttlMs: number,
  replacing = '',
): Promise<Heartbeat | null> {
  const value = JSON.stringify(heartbeat);
  const key = heartbeatKey(workerId);
  const held = await redis.eval(beatScript, 1, key, heartbeat.instance, replacing, value, ttlMs);
  if (typeof held !== 'string') return null;
  const holder = parseHeartbeat(held);
  if (holder === null)
    throw new StartError(`worker id "${workerId}" is taken by a worker of another version`);
  return holder;
}

/** Removes this worker's heartbeat; another process' stays. */
export async function releaseId(redis: Redis, workerId: string, instance: string): Promise<void> {
  await redis.eval(releaseScript, 1, heartbeatKey(workerId), instance);
}

/**
 * Takes the worker id for this process with a first beat. A heartbeat that a process of this host left behind when it
 * was killed is taken over.
 *
 * @throws StartError when another process holds the id
 */
export async function takeId(
  redis: Redis,
  workerId: string,
  heartbeat: Heartbeat,
  ttlMs: number,
): Promise<void> {
  let holder = await beat(redis, workerId, heartbeat, ttlMs);
  if (holder !== null && holder.host === hostname() && !isAlive(holder.pid)) {
    holder = await beat(redis, workerId, heartbeat, ttlMs, holder.instance);
  }
  if (holder !== null) {
    throw new StartError(
      `worker id "${workerId}" is taken: process ${holder.pid} on ${holder.host} holds it (last beat ${holder.beatAt}); ` +
        `choose another --id, or stop that worker (its heartbeat expires after ${ttlMs / 1000} s)`,
    );
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
