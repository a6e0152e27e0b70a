import { failed, ok, warning, type Finding } from '../finding.ts';

export interface RedisFacts {
  place: string;
  /** The fields of its INFO; managed ones leave some out. */
  info: Record<string, string>;
  /** When it makes snapshots, '' for never, null if it does not say. */
  snapshots: string | null;
}

const leastMajor = 7;

export function judgeRedis(facts: RedisFacts): Finding[] {
  return [judgeVersion(facts), judgeEviction(facts), judgePersistence(facts)];
}

function judgeVersion({ place, info }: RedisFacts): Finding {
  const item = 'redis.version';
  // Valkey says which Redis it is compatible with, too; its first release is as good as Redis 7.2.
  const { valkey_version: valkey, redis_version: redis } = info;
  if (valkey !== undefined) return ok(item, `Valkey ${valkey} at ${place}`, 'it answers, and is new enough');
  if (isUpstash(place)) return ok(item, `Upstash at ${place}`, 'it answers, and is kept up to date');
  if (redis === undefined) {
    return warning(
      item,
      `${place} answers without a version`,
      `Redis ${leastMajor} or newer is needed`,
      null,
    );
  }
  const found = `Redis ${redis} at ${place}`;
  if (Number.parseInt(redis, 10) >= leastMajor) return ok(item, found, 'it answers, and is new enough');
  return failed(
    item,
    found,
    `Redis ${leastMajor} or newer is needed`,
    'install redis-server 7 or valkey-server',
  );
}

function judgeEviction({ place, info: { maxmemory_policy: policy } }: RedisFacts): Finding {
  const item = 'redis.eviction';
  const remedy = isUpstash(place)
    ? "switch eviction off in Upstash's console"
    : 'redis-cli config set maxmemory-policy noeviction, and the same in redis.conf';
  if (policy === 'noeviction') {
    return ok(item, 'maxmemory-policy noeviction', 'a full Redis refuses new jobs, and loses none');
  }
  const means = 'a queue must never lose a key to make room for another';
  if (policy === undefined) return warning(item, 'it does not say its maxmemory-policy', means, remedy);
  return failed(item, `maxmemory-policy ${policy}`, means, remedy);
}

function judgePersistence({ place, info: { aof_enabled: aof }, snapshots }: RedisFacts): Finding {
  const item = 'redis.persistence';
  const remedy = 'redis-cli config set appendonly yes, and the same in redis.conf';
  if (aof === '1') return ok(item, 'append-only file', 'a restart loses a second of the queue at most');
  if (isUpstash(place)) return ok(item, 'managed', 'Upstash writes to disk itself');
  const lost = 'tasks come back by the sweep, but attempts that run are found by their deadline only';
  if (aof === undefined) return warning(item, 'it does not say', `if it keeps nothing: ${lost}`, null);
  if (snapshots === '') return warning(item, 'none', `a restart loses the queue; ${lost}`, remedy);
  const found = snapshots === null ? 'no append-only file' : `snapshots only (save ${snapshots})`;
  return warning(item, found, `a crash loses what came after the last snapshot; ${lost}`, remedy);
}

function isUpstash(place: string): boolean {
  return /\.upstash\.io(:\d+)?$/.test(place);
}
