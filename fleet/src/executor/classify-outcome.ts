import type { OutcomeReason } from '@runfleet/shared/model/status.ts';
import type { StopCause, TerminationReason } from './attempt.ts';
import type { Report, ReportedError } from './collect/report.ts';

/** What the parent saw of an attempt, and all that its outcome depends on. What the code printed is not among it. */
export interface Sighting {
  /** Why there was no child, or none to speak of. */
  spawnFailure: string | null;
  exitCode: number | null;
  signal: string | null;
  /** Why the parent killed the child, when it did. */
  termination: TerminationReason | null;
  report: Report;
}

export type Verdict =
  | { kind: 'given_back'; cause: StopCause }
  | { kind: 'ended'; reason: 'uncaught_error' | 'syntax_error'; error: ReportedError }
  | { kind: 'ended'; reason: 'internal'; message: string }
  | { kind: 'ended'; reason: Exclude<OutcomeReason, 'uncaught_error' | 'syntax_error' | 'internal'> };

export function classifyOutcome(sighting: Sighting): Verdict {
  const { spawnFailure, exitCode, signal, report } = sighting;
  // A child that ended by itself just before it would have been killed keeps its own ending.
  const endedByItself =
    spawnFailure === null && (exitCode !== null || (signal !== null && signal !== 'SIGKILL'));
  const termination = endedByItself ? null : sighting.termination;
  switch (termination) {
    case 'drain':
    case 'lease_lost':
      return { kind: 'given_back', cause: termination };
    case 'timeout':
      return { kind: 'ended', reason: 'timeout' };
    case null:
      break;
  }
  if (spawnFailure !== null) return { kind: 'ended', reason: 'internal', message: spawnFailure };
  if (signal !== null) return { kind: 'ended', reason: 'signal' };
  if (exitCode !== null) return classifyExit(exitCode, report);
  return {
    kind: 'ended',
    reason: 'internal',
    message: 'The child ended with neither an exit code nor a signal.',
  };
}

/** A report can name the cause of a failure. It cannot make one a success, nor a success a failure of the code. */
function classifyExit(exitCode: number, report: Report): Verdict {
  const { running, setupFailure, error } = report;
  if (!running && error?.kind !== 'syntax_error') {
    const cause = setupFailure ?? `the child ended with exit code ${exitCode} before it took the code`;
    return { kind: 'ended', reason: 'internal', message: `The code was not run: ${cause}.` };
  }
  if (exitCode === 0) return { kind: 'ended', reason: 'ok' };
  if (error !== null) return { kind: 'ended', reason: error.kind, error: error.error };
  return { kind: 'ended', reason: 'exit_code' };
}
