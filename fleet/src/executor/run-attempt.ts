import type { CapturedStream, Outcome } from '@runfleet/shared/model/outcome.ts';
import type { AttemptProgram, RunningAttempt } from './attempt.ts';
import { classifyOutcome, type Sighting, type Verdict } from './classify-outcome.ts';
import { removeTree } from './cleanup/remove-tree.ts';
import { OutputCollector } from './collect/output-collector.ts';
import { pipesClosed } from './collect/pipes-closed.ts';
import { ReportCollector } from './collect/report-collector.ts';
import { noReport } from './collect/report.ts';
import { internalError, toTaskError } from './collect/task-error.ts';
import { childEnvironment } from './prepare/child-environment.ts';
import { createNonce, encodeProgramFrame } from './prepare/program-frame.ts';
import { createWorkDirectory } from './prepare/work-directory.ts';
import { spawnChild } from './spawn/spawn-child.ts';
import { killOrphans } from './terminate/orphans.ts';
import { killProcessGroup } from './terminate/process-group.ts';
import { stopper } from './terminate/stop.ts';
import { Termination } from './terminate/termination.ts';
import { endAfterTimeout } from './terminate/timeout.ts';

export interface AttemptSettings {
  workRoot: string;
  nodePath: string;
  outputLimitBytes: number;
  pipeGraceMs: number;
  onLeftover: (path: string, error: unknown) => void;
}

/** What is known of an attempt when its processes are dead, before it is judged. */
interface Ending extends Sighting {
  durationMs: number;
  stdout: CapturedStream;
  stderr: CapturedStream;
}

const nothing: CapturedStream = { text: '', bytes: 0, droppedBytes: 0 };
const noEnding: Ending = {
  spawnFailure: null,
  exitCode: null,
  signal: null,
  termination: null,
  report: noReport,
  durationMs: 0,
  stdout: nothing,
  stderr: nothing,
};

/** prepare → spawn → collect, until it ends or is terminated → kill what is left → clean up → classify. */
export function runAttempt(program: AttemptProgram, settings: AttemptSettings): RunningAttempt {
  const termination = new Termination();
  const outcome = outcomeOf(program, settings, termination).catch((error: unknown) => unforeseen(error));
  return { outcome, stop: stopper(termination) };
}

async function outcomeOf(
  program: AttemptProgram,
  settings: AttemptSettings,
  termination: Termination,
): Promise<Outcome> {
  let directory: string | null = null;
  let ending: Ending;
  try {
    directory = await createWorkDirectory(settings.workRoot);
    ending = await runChild(program, directory, settings, termination);
  } catch (error) {
    ending = failedToStart(error, termination);
  }
  if (directory !== null) {
    const path = directory;
    await removeTree(path).catch((error: unknown) => settings.onLeftover(path, error));
  }
  return toOutcome(classifyOutcome(ending), ending, directory ?? settings.workRoot);
}

async function runChild(
  program: AttemptProgram,
  directory: string,
  { nodePath, outputLimitBytes, pipeGraceMs }: AttemptSettings,
  termination: Termination,
): Promise<Ending> {
  // It was stopped before it had begun.
  if (termination.reason !== null) return failedToStart(null, termination);

  const nonce = createNonce();
  const frame = encodeProgramFrame(nonce, program.code);
  const child = await spawnChild({ nodePath, directory, environment: childEnvironment(program, directory) });
  const cancelTimeout = endAfterTimeout(termination, program.timeoutMs);
  termination.childStarted(() => killProcessGroup(child.pid));

  const stdout = new OutputCollector(outputLimitBytes);
  const stderr = new OutputCollector(outputLimitBytes);
  const report = new ReportCollector(nonce);
  // Past what they keep the collectors only count, so a flood never waits for us, and never fills our memory.
  child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  child.channel.on('data', (chunk: Buffer) => report.add(chunk));
  child.channel.end(frame);

  const exit = await child.exit;
  termination.childExited();
  cancelTimeout();
  killProcessGroup(child.pid);
  killOrphans(directory, child.pid);
  await pipesClosed([child.stdout, child.stderr, child.channel], pipeGraceMs);
  return {
    ...exit,
    spawnFailure: null,
    termination: termination.reason,
    report: report.finish(),
    stdout: stdout.finish(),
    stderr: stderr.finish(),
  };
}

function failedToStart(error: unknown, termination: Termination): Ending {
  return {
    ...noEnding,
    spawnFailure: `The child could not be started: ${messageOf(error)}`,
    termination: termination.reason,
  };
}

function unforeseen(error: unknown): Outcome {
  const message = `The executor failed: ${messageOf(error)}`;
  return toOutcome({ kind: 'ended', reason: 'internal', message }, noEnding, '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toOutcome(verdict: Verdict, ending: Ending, directory: string): Outcome {
  const { exitCode, signal, durationMs, stdout, stderr } = ending;
  if (verdict.kind === 'given_back') return { kind: 'given_back', cause: verdict.cause, durationMs };
  const ended = { kind: verdict.kind, reason: verdict.reason, exitCode, signal, durationMs, stdout, stderr };
  switch (verdict.reason) {
    case 'uncaught_error':
    case 'syntax_error':
      return { ...ended, error: toTaskError(verdict.error, directory) };
    case 'internal':
      return { ...ended, error: internalError(verdict.message) };
    default:
      return { ...ended, error: null };
  }
}
