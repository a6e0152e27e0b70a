import { expect, test } from 'vitest';
import { endedOutcome } from '../../../shared/test/outcomes.ts';
import { Counters } from './counters.ts';

test('what was claimed is running until it ends, and is counted by how it ended', () => {
  const counters = new Counters();
  for (const id of ['a', 'b', 'c', 'd']) counters.claimed(id);
  counters.dropped();
  counters.ended('a', endedOutcome({ durationMs: 1_000 }));
  counters.ended('b', endedOutcome({ reason: 'timeout', durationMs: 2_000 }));
  counters.ended('c', { kind: 'given_back', cause: 'drain', durationMs: 3_000 });
  expect(counters.running).toEqual(['d']);
  const read = counters.read();
  expect(read).toMatchObject({ claimed: 4, completed: 1, failed: 1, givenBack: 1, dropped: 1 });
  expect(read.busyMs).toBeGreaterThanOrEqual(6_000);
  expect(read.claimed).toBe(read.completed + read.failed + read.givenBack + counters.running.length);
});
