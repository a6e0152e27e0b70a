import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultTimings, heartbeatTtlMs } from '@runfleet/shared/model/timings.ts';
import { Leases } from './lease.ts';

const lockMs = defaultTimings.leaseMs;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('a lock that nobody renews is lost before its time has run out', () => {
  const lease = new Leases(defaultTimings).hold('job');
  vi.advanceTimersByTime(lockMs / 2);
  expect(lease.signal.aborted).toBe(false);
  vi.advanceTimersByTime(lockMs / 2 - 1);
  expect(lease.signal.aborted).toBe(true);
});

test('a lock that is renewed is held as long as that goes on', () => {
  const leases = new Leases(defaultTimings);
  const lease = leases.hold('job');
  for (let renewals = 0; renewals < 20; renewals += 1) {
    vi.advanceTimersByTime(lockMs / 2);
    leases.renewed(['job'], performance.now());
  }
  expect(lease.signal.aborted).toBe(false);
  vi.advanceTimersByTime(lockMs);
  expect(lease.signal.aborted).toBe(true);
});

test('a renewal holds the locks that it names and no others', () => {
  const leases = new Leases(defaultTimings);
  const [renewed, forgotten] = [leases.hold('renewed'), leases.hold('forgotten')];
  vi.advanceTimersByTime(lockMs / 2);
  leases.renewed(['renewed', 'unknown'], performance.now());
  vi.advanceTimersByTime(lockMs / 2);
  expect(renewed.signal.aborted).toBe(false);
  expect(forgotten.signal.aborted).toBe(true);
});

test('a lock counts from when it was asked for, not from when the answer was seen', () => {
  const leases = new Leases(defaultTimings);
  const asked = leases.hold('asked before a pause', lockMs / 2);
  const renewed = leases.hold('renewed before a pause');
  const sentAtMs = performance.now();
  vi.advanceTimersByTime(lockMs / 2);
  expect(asked.signal.aborted).toBe(true);
  leases.renewed(['renewed before a pause'], sentAtMs);
  vi.advanceTimersByTime(lockMs / 2);
  expect(renewed.signal.aborted).toBe(true);
});

test('what is released is watched no more', () => {
  const leases = new Leases(defaultTimings);
  const lease = leases.hold('job');
  lease.release();
  lease.release();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(2 * lockMs);
  expect(lease.signal.aborted).toBe(false);
});

test('a lost lease can be released', () => {
  const lease = new Leases(defaultTimings).hold('job');
  vi.advanceTimersByTime(lockMs);
  lease.release();
  expect(vi.getTimerCount()).toBe(0);
});

test('a job that is handed out again while it is still in hand: the first lease is lost, the second holds', () => {
  const leases = new Leases(defaultTimings);
  const first = leases.hold('job');
  const second = leases.hold('job');
  expect(first.signal.aborted).toBe(true);
  first.release();
  vi.advanceTimersByTime(lockMs / 2);
  expect(second.signal.aborted).toBe(false);
  second.release();
  expect(vi.getTimerCount()).toBe(0);
});

test('a worker whose heartbeat does not arrive gives its jobs up before it is taken for gone', () => {
  const leases = new Leases(defaultTimings);
  const ttlMs = heartbeatTtlMs(defaultTimings);
  leases.heard(performance.now());
  const lease = leases.hold('job');
  const later = () => vi.advanceTimersByTime(defaultTimings.heartbeatMs);
  for (let beats = 0; beats < 20; beats += 1) {
    later();
    leases.renewed(['job'], performance.now());
    leases.heard(performance.now());
  }
  expect(lease.signal.aborted).toBe(false);
  for (
    let silentMs = 0;
    silentMs < ttlMs - defaultTimings.heartbeatMs;
    silentMs += defaultTimings.heartbeatMs
  ) {
    later();
    leases.renewed(['job'], performance.now());
  }
  expect(lease.signal.aborted).toBe(false);
  vi.advanceTimersByTime(defaultTimings.heartbeatMs - 1);
  expect(lease.signal.aborted).toBe(true);
});

test('a beat that was sent earlier and arrives later takes nothing back', () => {
  const leases = new Leases(defaultTimings);
  leases.heard(performance.now());
  const lease = leases.hold('job');
  leases.heard(performance.now() - 1_000_000);
  vi.advanceTimersByTime(lockMs / 2);
  expect(lease.signal.aborted).toBe(false);
});
