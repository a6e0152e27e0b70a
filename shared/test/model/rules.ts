import { taskMachine, type StepFunction } from './task-machine.ts';
import { timings } from './simulation/timings.ts';

/** What the promises rest on; a mutant has one of them otherwise. */
export interface Rules {
  step: StepFunction;
  recorder: 'commits first' | 'acknowledges first';
  /** A worker's trust in its lock: whether it ends, and from when it is counted. */
  lease: 'from the request' | 'from the answer' | 'for ever';
  /** A worker that could not beat ends what it runs before it is taken for gone, and takes nothing more until it can. */
  heartbeat: 'is minded' | 'is minded too late' | 'is not minded';
  /** A worker whose id another process has taken can claim nothing: whether it gets to know that from its claim. */
  replaced: 'told by its claim' | 'told by its beat';
}

export const ourRules: Rules = {
  step: taskMachine(timings),
  recorder: 'commits first',
  lease: 'from the request',
  heartbeat: 'is minded',
  replaced: 'told by its claim',
};
