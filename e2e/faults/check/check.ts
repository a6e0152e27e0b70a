import type { History } from '../history/history.ts';
import { acknowledgedTasksEnd } from './acknowledged-tasks-end.ts';
import { allSentWasAcknowledged } from './all-sent-was-acknowledged.ts';
import { attemptsNeverFall } from './attempts-never-fall.ts';
import { cleanRunIsClean } from './clean-run-is-clean.ts';
import { executionsDoNotOverlap } from './executions-do-not-overlap.ts';
import { executionsWithinLimit } from './executions-within-limit.ts';
import type { Invariant } from './invariant.ts';
import { logsAreQuiet } from './logs-are-quiet.ts';
import { lossesHaveCauses } from './losses-have-causes.ts';
import { noTaskUnsent } from './no-task-unsent.ts';
import { nothingIsLeft } from './nothing-is-left.ts';
import { oneIdAKey } from './one-id-a-key.ts';
import { oneTerminalTransition } from './one-terminal-transition.ts';
import { outcomeAsDeserved } from './outcome-as-deserved.ts';
import { outcomeOfCurrentFence } from './outcome-of-current-fence.ts';
import { poisonIsContained } from './poison-is-contained.ts';
import { recoveryIsBounded } from './recovery-is-bounded.ts';
import { sweepsDoNotWait } from './sweeps-do-not-wait.ts';

export const invariants: readonly Invariant[] = [
  acknowledgedTasksEnd,
  allSentWasAcknowledged,
  noTaskUnsent,
  oneIdAKey,
  oneTerminalTransition,
  attemptsNeverFall,
  outcomeOfCurrentFence,
  outcomeAsDeserved,
  executionsWithinLimit,
  executionsDoNotOverlap,
  lossesHaveCauses,
  poisonIsContained,
  recoveryIsBounded,
  sweepsDoNotWait,
  cleanRunIsClean,
  nothingIsLeft,
  logsAreQuiet,
];

export interface Verdict {
  invariant: string;
  violations: string[];
}

/** What of a history does not hold; an empty list is what a campaign is for. */
export function check(history: History): Verdict[] {
  return invariants
    .map((invariant) => ({ invariant: invariant.name, violations: invariant.violations(history) }))
    .filter(({ violations }) => violations.length > 0);
}
