import { ourRules, type Rules } from './rules.ts';
import type { Fault } from './simulation/faults.ts';
import type { TaskEvent, TaskState } from './task-machine.ts';

export interface Mutant {
  rules: Partial<Rules>;
  /** The faults that find it soonest; any of all kinds when left out. */
  faults?: readonly Fault['kind'][];
}

const { step } = ourRules;

/** The machine, with an event changed before it sees it. */
function withEvents(change: (event: TaskEvent, state: TaskState) => TaskEvent): Partial<Rules> {
  return { step: (state, event, nowMs) => step(state, change(event, state), nowMs) };
}

/** The machine, deaf to some events. */
function without(isIgnored: (event: TaskEvent) => boolean): Partial<Rules> {
  return {
    step: (state, event, nowMs) => (isIgnored(event) ? { state, effects: [] } : step(state, event, nowMs)),
  };
}

/** The machine, with a count that it always takes for 0; what happened is counted all the same. */
function forgetting(count: 'losses' | 'crashes'): Partial<Rules> {
  return {
    step: (state, event, nowMs) => {
      const forgotten = { ...state, [count]: 0 };
      const next = step(forgotten, event, nowMs);
      if (next.state === forgotten) return { ...next, state };
      return { ...next, state: { ...next.state, [count]: state[count] + next.state[count] } };
    },
  };
}

/** Runfleet with one of its safeguards taken out. The promises are worth something if each of these breaks one. */
export const mutants: Record<string, Mutant> = {
  'no fence when an outcome is recorded': {
    rules: withEvents((event, { attempt, delivery }) =>
      event.kind === 'recorded' || event.kind === 'given_back' ? { ...event, attempt, delivery } : event,
    ),
  },
  'a fence without the delivery': {
    rules: withEvents((event, { delivery }) =>
      event.kind === 'recorded' || event.kind === 'given_back' ? { ...event, delivery } : event,
    ),
  },
  'no fence when an attempt is claimed': {
    rules: withEvents((event, { attempt, delivery }) =>
      event.kind === 'claimed' ? { ...event, attempt, delivery: delivery + 1 } : event,
    ),
    faults: ['deliver again', 'pause', 'kill', 'undo'],
  },
  'no sweep': { rules: without(({ kind }) => kind === 'swept') },
  'nothing is ever overdue': {
    rules: without((event) => event.kind === 'lost' && event.target.kind === 'overdue'),
  },
  'no end to crashes': { rules: forgetting('crashes') },
  'losses are not charged': { rules: forgetting('losses') },
  'acknowledged before it is committed': { rules: { recorder: 'acknowledges first' } },
  'the lease never ends': { rules: { lease: 'for ever' } },
  'the lease is counted from the answer': {
    // Its heartbeat would stop it, too.
    rules: { lease: 'from the answer', heartbeat: 'is not minded' },
    faults: ['pause', 'undo'],
  },
  'a worker that cannot beat takes jobs': { rules: { heartbeat: 'is minded too late' } },
  'a replaced worker drops jobs': { rules: { replaced: 'told by its beat' } },
};
