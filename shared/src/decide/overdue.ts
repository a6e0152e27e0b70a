import type { Timings } from '../model/timings.ts';

/**
 * How far past its deadline a running attempt must be before it is lost. Zero normally: nothing is on its way, so
 * nobody will report it. While the results queue has a backlog, losing the attempt would run its code again and then
 * drop the outcome that is waiting, so it is given `backlogPatienceMs` more.
 */
export function overduePatienceMs(resultsBacklog: number, { backlogPatienceMs }: Timings): number {
  return resultsBacklog > 0 ? backlogPatienceMs : 0;
}
