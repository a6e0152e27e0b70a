import { constants } from 'node:os';
import type { Killer, LimitName } from '@runfleet/shared/model/outcome.ts';
import type { OutcomeReason } from '@runfleet/shared/model/status.ts';
import type { StopCause, TerminationReason } from './attempt.ts';
import type { OutOfMemory } from './cgroup/attempt-cgroup.ts';
import type { Report, ReportedError, SetupFailure } from './collect/report.ts';

/** What the parent saw of an attempt, and all that its outcome depends on. */
export interface Sighting {
  /** Why there was no child, or none to speak of. */
  spawnFailure: string | null;
  exitCode: number | null;
  signal: string | null;
  /** The child's own init turns a signal into an exit code of 128 and its number. */
  foldsSignals: boolean;
  /** Its directory is a file system of its own, so that it is full when the task has filled it. */
  hasOwnDisk: boolean;
  /** Why the parent killed the child, when it did. */
  termination: TerminationReason | null;
  report: Report;
  /**
   * V8 has said that it is out of memory, which it does before it aborts. The code can print that and abort too: then
   * it names one failure of its own for another.
   */
  heapExhausted: boolean;
  /** Whose memory was full when the kernel killed: counted by its control group, or guessed from what it held. */
  outOfMemory: OutOfMemory;
}

interface Ended {
  kind: 'ended';
  exitCode: number | null;
  signal: string | null;
  killedBy: Killer | null;
  limit: LimitName | null;
}

export type Verdict =
  | { kind: 'given_back'; cause: StopCause }
  | (Ended & { reason: OutcomeReason; error: ReportedError | null })
  | (Ended & { reason: 'internal'; message: string });

/** Signals that the kernel sends for what an instruction did. */
const faults = ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'];

/** What V8 ends itself with when it cannot go on. */
const v8Aborts = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV'];

export function classifyOutcome(seen: Sighting): Verdict {
  const { exitCode, signal } = unfold(seen);
  const ending = { kind: 'ended', exitCode, signal, killedBy: null, limit: null, error: null } as const;

  // A child that ended by itself just before it would have been killed keeps its own ending.
  const endedByItself =
    seen.spawnFailure === null && (exitCode !== null || (signal !== null && signal !== 'SIGKILL'));
  const termination = endedByItself ? null : seen.termination;
  if (termination !== null) return classifyTermination(termination, ending);

  if (seen.spawnFailure !== null) return internal(ending, seen.spawnFailure);
  if (signal !== null) return classifySignal(signal, seen, ending);
  if (exitCode !== null) return classifyExit(exitCode, seen, ending);
  return internal(ending, 'The child ended with neither an exit code nor a signal.');
}

/** Tells `exit(137)` from SIGKILL: whoever exits says so on its way out. */
function unfold({ exitCode, signal, foldsSignals, report }: Sighting): Pick<Ended, 'exitCode' | 'signal'> {
  if (!foldsSignals || exitCode === null || exitCode <= 128) return { exitCode, signal };
  if (report.exiting?.code === exitCode) return { exitCode, signal };
  const name = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0];
  return name === undefined ? { exitCode, signal } : { exitCode: null, signal: name };
}

type Ending = Ended & { error: null };

function classifyTermination(termination: TerminationReason, ending: Ending): Verdict {
  // What the kill made of it is ours, not the code's.
  const killed = { ...ending, exitCode: null, signal: 'SIGKILL', killedBy: 'limit' } as const;
  switch (termination) {
    case 'drain':
    case 'lease_lost':
      return { kind: 'given_back', cause: termination };
    case 'timeout':
      return { ...killed, reason: 'timeout', limit: 'timeout' };
    case 'cpu':
      return { ...killed, reason: 'cpu_limit', limit: 'cpu' };
    case 'memory':
      return { ...killed, reason: 'memory_limit', limit: 'memory' };
    case 'output':
      return { ...killed, reason: 'output_limit', limit: 'output' };
    case 'inodes':
    case 'threads':
      return { ...killed, reason: 'signal', limit: termination };
  }
}

function classifySignal(signal: string, seen: Sighting, ending: Ending): Verdict {
  // Also of a program, or its input, that was too large to be taken.
  if (signal === 'SIGKILL' && seen.outOfMemory !== 'no') {
    const killedBy = seen.outOfMemory === 'group' ? 'limit' : 'kernel';
    return { ...ending, reason: 'memory_limit', killedBy, limit: 'memory' };
  }
  if (!seen.report.running && seen.report.error === null) {
    return internal(
      ending,
      `The code was not run: the child was ended by ${signal} before it took the code.`,
    );
  }
  if (v8Aborts.includes(signal) && seen.heapExhausted) {
    return { ...ending, reason: 'memory_limit', killedBy: 'limit', limit: 'memory' };
  }
  if (signal === 'SIGXCPU') return { ...ending, reason: 'cpu_limit', killedBy: 'kernel', limit: 'cpu' };
  if (signal === 'SIGXFSZ') return { ...ending, reason: 'signal', killedBy: 'kernel', limit: 'disk' };
  return { ...ending, reason: 'signal', killedBy: faults.includes(signal) ? 'kernel' : 'task' };
}

/** A report can name the cause of a failure. It cannot make one a success, nor a success a failure of the code. */
function classifyExit(exitCode: number, { report, hasOwnDisk }: Sighting, ending: Ending): Verdict {
  const { running, setupFailure, error } = report;
  if (!running && error?.kind !== 'syntax_error') {
    if (setupFailure !== null && isTooLarge(setupFailure, hasOwnDisk)) {
      const tooLarge = {
        ...asError,
        message: `The task's files do not fit into its disk: ${setupFailure.message}`,
      };
      return { ...ending, reason: 'uncaught_error', killedBy: 'limit', limit: 'disk', error: tooLarge };
    }
    const cause =
      setupFailure?.message ?? `the child ended with exit code ${exitCode} before it took the code`;
    return internal(ending, `The code was not run: ${cause}.`);
  }
  if (exitCode === 0) return { ...ending, reason: 'ok' };
  if (error === null) return { ...ending, reason: 'exit_code' };
  if (error.kind === 'uncaught_error' && error.memory) {
    return { ...ending, reason: 'memory_limit', killedBy: 'limit', limit: 'memory', error: error.error };
  }
  return { ...ending, reason: error.kind, killedBy: 'task', error: error.error };
}

/** A disk that it shares may be full for other reasons; that a file is too large is always by the limit on it. */
function isTooLarge({ code }: SetupFailure, hasOwnDisk: boolean): boolean {
  return code === 'EFBIG' || (code === 'ENOSPC' && hasOwnDisk);
}

const asError = { name: 'Error', stack: null, line: null, column: null, located: true, cause: null };

function internal(ending: Ending, message: string): Verdict {
  const { error: _, ...rest } = ending;
  return { ...rest, reason: 'internal', killedBy: 'worker', message };
}
