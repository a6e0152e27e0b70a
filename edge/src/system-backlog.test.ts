import { expect, it } from 'vitest';
import { lookEveryMs, SystemBacklog } from './system-backlog.ts';

it('looks once, and again when a second has passed', () => {
  const backlog = new SystemBacklog(7);
  expect(backlog.limitAt(5_000)).toBe(7);
  expect(backlog.limitAt(5_000)).toBeNull();
  backlog.note(false, 5_010);
  expect(backlog.limitAt(5_009 + lookEveryMs)).toBeNull();
  expect(backlog.limitAt(5_010 + lookEveryMs)).toBe(7);
  expect(backlog.limitAt(5_010 + lookEveryMs)).toBeNull();
});

it('lets nothing in while the last look found no room, and lets in as soon as a look finds some', () => {
  const backlog = new SystemBacklog(7);
  backlog.limitAt(0);
  backlog.note(true, 0);
  expect(backlog.limitAt(lookEveryMs - 1)).toBe(0);
  expect(backlog.limitAt(lookEveryMs)).toBe(7);
  expect(backlog.limitAt(lookEveryMs)).toBe(0);
  backlog.note(false, lookEveryMs + 5);
  expect(backlog.limitAt(lookEveryMs + 6)).toBeNull();
});

it('looks again in a second when a look came to nothing', () => {
  const backlog = new SystemBacklog(7);
  expect(backlog.limitAt(0)).toBe(7);
  expect(backlog.limitAt(lookEveryMs)).toBe(7);
});
