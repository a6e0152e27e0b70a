import { firstLine } from '../load/programs.ts';
import type { TaskEvent } from '../history/task-events.ts';
import type { Invariant } from './invariant.ts';

/** Ends that Postgres decides by itself, without an outcome of a worker. */
const withoutOutcome = new Set(['worker_lost', 'poisoned', 'expired', 'cancelled']);
/** What an attempt's history says when its outcome was not the task's, and another attempt followed. */
const notRecorded = new Set([null, 'lost', 'late', 'given_back', 'internal']);

/**
 * The outcome that a task has is that of the attempt and delivery that were current: by the log of its row, by the history
 * of its attempts, and by what the program itself printed.
 */
export const outcomeOfCurrentFence: Invariant = {
  name: 'outcome-of-current-fence',
  violations({ tasks, attempts, events }) {
    const eventsOf = Map.groupBy(events, ({ taskId }) => taskId);
    const attemptsOf = Map.groupBy(attempts, ({ taskId }) => taskId);
    return tasks.flatMap((task) => {
      if (task.status !== 'completed' && task.status !== 'failed') return [];
      if (withoutOutcome.has(task.reason ?? '')) return [];
      const found: string[] = [];
      const end = (eventsOf.get(task.id) ?? []).find(({ newStatus }) => newStatus === task.status);
      const claim = lastClaim(eventsOf.get(task.id) ?? []);
      if (end === undefined || claim === undefined) found.push('it ended without ever having been claimed');
      else if (claim.attempt !== end.attempt || claim.delivery !== end.delivery) {
        found.push(
          `its fence was (${claim.attempt}, ${claim.delivery}), and (${end.attempt}, ${end.delivery}) ended it`,
        );
      }
      const recorded = (attemptsOf.get(task.id) ?? []).filter(
        ({ outcome }) => outcome === task.reason || !notRecorded.has(outcome),
      );
      const [current] = recorded;
      if (recorded.length !== 1) found.push(`${recorded.length} of its attempts have an outcome that counts`);
      else if (current?.attempt !== task.attempt || current.delivery !== task.delivery) {
        found.push(`the outcome is of (${current?.attempt}, ${current?.delivery})`);
      }
      const expected = firstLine(task.key, task.attempt);
      if (task.firstLine !== null && task.firstLine !== expected) {
        found.push(
          `"${task.firstLine}" is recorded for it, printed by another attempt than (${task.attempt}, ${task.delivery})`,
        );
      }
      return found.map((what) => `${task.key}: ${what}`);
    });
  },
};

function lastClaim(events: readonly TaskEvent[]): TaskEvent | undefined {
  return events.findLast(({ newStatus }) => newStatus === 'running');
}
