import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHeartbeat, type Heartbeat } from './heartbeat.ts';

const heartbeat: Heartbeat = {
  instance: '0198c0de-0000-7000-8000-000000000001',
  type: 'javascript',
  host: 'host.test',
  pid: 1,
  version: '1.0.0',
  startedAt: '2026-01-01T00:00:00.000Z',
  beatAt: '2026-01-01T00:00:10.000Z',
  concurrency: 2,
  draining: false,
  running: ['0198c0de-0000-7000-8000-000000000002'],
  counters: { claimed: 1, completed: 0, failed: 0, givenBack: 0, dropped: 0, busyMs: 1.5, upMs: 10_000 },
  isolation: { level: 'sandbox', parts: { memory: 'cgroup', network: 'namespace' } },
  pool: { waiting: 2, hits: 5, misses: 1, replaced: 0, spawnFailures: 0 },
};

test('what a worker wrote is read as it was', () => {
  expect(parseHeartbeat(JSON.stringify(heartbeat))).toEqual(heartbeat);
});

test('a worker of a version that said nothing of its isolation and its pool beats all the same', () => {
  const { isolation: _, pool: __, ...older } = heartbeat;
  expect(parseHeartbeat(JSON.stringify(older))).toEqual({ ...heartbeat, isolation: null, pool: null });
});

test('a field that a later version adds does no harm', () => {
  expect(parseHeartbeat(JSON.stringify({ ...heartbeat, mood: 'fine' }))).toEqual(heartbeat);
});

test.each([
  ['no value', null],
  ['no answer', undefined],
  ['an empty text', ''],
  ['half a value', JSON.stringify(heartbeat).slice(0, -5)],
  ['JSON null', 'null'],
  ['a list', '[]'],
  ['an object without a field', JSON.stringify({ ...heartbeat, host: undefined })],
  ['an instance that is no UUID', JSON.stringify({ ...heartbeat, instance: 'me' })],
  ['a pid that is text', JSON.stringify({ ...heartbeat, pid: '1' })],
  [
    'an isolation that nobody knows',
    JSON.stringify({ ...heartbeat, isolation: { level: 'none', parts: {} } }),
  ],
  ['a count below zero', JSON.stringify({ ...heartbeat, counters: { ...heartbeat.counters, claimed: -1 } })],
])('%s is no heartbeat', (_what, value) => {
  expect(parseHeartbeat(value)).toBeNull();
});

test('garbage is no heartbeat, and no exception either', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (value) => {
      expect(parseHeartbeat(value)).toBeNull();
    }),
  );
});
