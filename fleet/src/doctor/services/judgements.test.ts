import { knownMigrations } from '@runfleet/shared/db/known-migrations.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeClock } from './judge-clock.ts';
import { judgeMigrations } from './judge-migrations.ts';
import { judgePostgres } from './judge-postgres.ts';
import { judgeRedis, type RedisFacts } from './judge-redis.ts';
import { placeOf } from './place-of.ts';

const well: RedisFacts = {
  place: 'host:6379',
  info: { redis_version: '7.2.4', maxmemory_policy: 'noeviction', aof_enabled: '1' },
  snapshots: '',
};
const statuses = (facts: RedisFacts) => judgeRedis(facts).map(({ status }) => status);
const withInfo = (info: Record<string, string>, rest: Partial<RedisFacts> = {}): RedisFacts => ({
  ...well,
  ...rest,
  info,
});

describe('Redis', () => {
  const { redis_version, maxmemory_policy, aof_enabled } = well.info as Required<Record<string, string>>;
  const version = { redis_version: redis_version! };
  const policy = { maxmemory_policy: maxmemory_policy! };
  const aof = { aof_enabled: aof_enabled! };

  test.each<[string, RedisFacts, string[]]>([
    ['as it should be', well, ['ok', 'ok', 'ok']],
    ['too old', withInfo({ redis_version: '6.2.14', ...policy, ...aof }), ['failed', 'ok', 'ok']],
    [
      'Valkey',
      withInfo({ valkey_version: '8.1.0', redis_version: '7.2.4', ...policy, ...aof }),
      ['ok', 'ok', 'ok'],
    ],
    ['one that says nothing', withInfo({}, { snapshots: null }), ['warning', 'warning', 'warning']],
    [
      'one that makes room by dropping keys',
      withInfo({ ...version, maxmemory_policy: 'volatile-lru', ...aof }),
      ['ok', 'failed', 'ok'],
    ],
    [
      'snapshots only',
      withInfo({ ...version, ...policy, aof_enabled: '0' }, { snapshots: '3600 1' }),
      ['ok', 'ok', 'warning'],
    ],
    ['nothing on disk', withInfo({ ...version, ...policy, aof_enabled: '0' }), ['ok', 'ok', 'warning']],
    [
      'Upstash, which leaves out what it does itself',
      withInfo(
        { redis_version: '6.2.6', ...policy },
        { place: 'eu1-a-b-1.upstash.io:6379', snapshots: null },
      ),
      ['ok', 'ok', 'ok'],
    ],
  ])('%s', (_what, facts, expected) => {
    expect(statuses(facts)).toEqual(expected);
  });
});

test.each([
  ['18.4 (Debian 18.4-1.pgdg13+1)', 'ok'],
  ['15.0', 'ok'],
  ['14.19', 'failed'],
  ['9.6.24', 'failed'],
])('Postgres %s is %s', (version, status) => {
  expect(judgePostgres('host/db', version).status).toBe(status);
});

test.each([
  ['never migrated', null, 'failed'],
  ['all of them', knownMigrations, 'ok'],
  ['one is missing', knownMigrations.slice(0, -1), 'failed'],
  ['one is missing, and one is new', [...knownMigrations.slice(1), '9999-new'], 'failed'],
  ['one more than this version knows', [...knownMigrations, '9999-new'], 'warning'],
])('migrations: %s', (_what, applied, status) => {
  expect(judgeMigrations(applied).status).toBe(status);
});

test('a clock is off only when it must be, however slow the network was', () => {
  const readings = fc.record({
    offMs: fc.integer({ min: -60_000, max: 60_000 }),
    thereMs: fc.nat(3_000),
    backMs: fc.nat(3_000),
  });
  fc.assert(
    fc.property(readings, ({ offMs, thereMs, backMs }) => {
      const sentAt = 1_000_000;
      const serverAt = sentAt + thereMs - offMs;
      const { status } = judgeClock({ sentAt, receivedAt: sentAt + thereMs + backMs, serverAt });
      if (Math.abs(offMs) <= 5_000) expect(status).toBe('ok');
      if (Math.abs(offMs) > 5_002 + thereMs + backMs) expect(status).toBe('warning');
    }),
  );
});

test.each([
  ['redis://:hush@host:6379', 'host:6379'],
  ['rediss://user:hush@host:6379/2', 'host:6379/2'],
  ['postgres://user:hush@host/db?password=hush&sslmode=require', 'host/db'],
  ['postgres:///db?host=/var/run/postgresql', 'a local socket/db'],
])('%s leads to %s', (url, place) => {
  expect(placeOf(url)).toBe(place);
});
