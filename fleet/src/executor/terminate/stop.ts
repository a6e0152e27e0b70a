import type { StopCause } from '../attempt.ts';
import type { Termination } from './termination.ts';

/** Ends the attempt for a reason of the worker's own: it drains, or can no longer trust its lease. */
export function stopper(termination: Termination): (cause: StopCause) => void {
  return (cause) => termination.end(cause);
}
