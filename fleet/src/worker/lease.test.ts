import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultTimings } from '@runfleet/shared/model/timings.ts';
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
    leases.renewed(['job']);
  }
  expect(lease.signal.aborted).toBe(false);
  vi.advanceTimersByTime(lockMs);
  expect(lease.signal.aborted).toBe(true);
});

test('a renewal holds the locks that it names and no others', () => {
  const leases = new Leases(defaultTimings);
  const [renewed, forgotten] = [leases.hold('renewed'), leases.hold('forgotten')];
  vi.advanceTimersByTime(lockMs / 2);
  leases.renewed(['renewed', 'unknown']);
  vi.advanceTimersByTime(lockMs / 2);
  expect(renewed.signal.aborted).toBe(false);
  expect(forgotten.signal.aborted).toBe(true);
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
