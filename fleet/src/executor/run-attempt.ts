import type { CapturedStream, IsolationReport, Outcome, TaskError } from '@runfleet/shared/model/outcome.ts';
import type { AttemptProgram, RunningAttempt } from './attempt.ts';
import { classifyOutcome, type Sighting, type Verdict } from './classify-outcome.ts';
import { OutputCollector } from './collect/output-collector.ts';
import { pipesClosed } from './collect/pipes-closed.ts';
import { ReportCollector } from './collect/report-collector.ts';
import { noReport } from './collect/report.ts';
import { internalError, toTaskError } from './collect/task-error.ts';
import { createNonce, encodeProgramFrame } from './prepare/program-frame.ts';
import type { ReadyChild } from './start-child.ts';
import { stopper } from './terminate/stop.ts';
import { Termination } from './terminate/termination.ts';
import { endAfterTimeout } from './terminate/timeout.ts';
import { watch } from './watch/watch.ts';

export interface AttemptSettings {
  isolation: IsolationReport;
  outputLimitBytes: number;
  pipeGraceMs: number;
  /** A child to run the program in: one that waits already, or a new one. */
  obtainChild: (program: AttemptProgram) => Promise<ReadyChild>;
}

/** What is known of an attempt when its processes are dead, before it is judged. */
interface Ending extends Sighting {
  prepareMs: number;
  runMs: number;
  cpuMs: number | null;
  memoryPeakBytes: number | null;
  stdout: CapturedStream;
  stderr: CapturedStream;
  /** Where the code ran, as it saw it. */
  directory: string;
}

/** Several times what a bootstrap reports at most; more is the code's, which has no business there. */
const channelLimitBytes = 8 * 1024 * 1024;

/** V8's last words: its heap is full, or it cannot map what a thread needs. */
const outOfMemory = /JavaScript heap out of memory|Fatal process out of memory/;

/** From here on a kill that nobody of ours did is taken for the kernel's, which was out of memory. */
const nearlyFull = 0.9;

const nothing: CapturedStream = { text: '', bytes: 0, droppedBytes: 0 };
const noEnding: Ending = {
  spawnFailure: null,
  exitCode: null,
  signal: null,
  foldsSignals: false,
  hasOwnDisk: false,
  termination: null,
  report: noReport,
  heapExhausted: false,
  outOfMemory: 'no',
  prepareMs: 0,
  runMs: 0,
  cpuMs: null,
  memoryPeakBytes: null,
  stdout: nothing,
  stderr: nothing,
  directory: '',
};

/** obtain a child → hand it the program → collect and watch, until it ends or is terminated → clean up → classify. */
export function runAttempt(program: AttemptProgram, settings: AttemptSettings): RunningAttempt {
  const termination = new Termination();
  const outcome = outcomeOf(program, settings, termination).catch((error: unknown) =>
    toOutcome(internalVerdict(`The executor failed: ${messageOf(error)}`), noEnding, settings.isolation, 0),
  );
  return { outcome, stop: stopper(termination) };
}

async function outcomeOf(
  program: AttemptProgram,
  settings: AttemptSettings,
  termination: Termination,
): Promise<Outcome> {
  const startedAtMs = performance.now();
  let child: ReadyChild;
  try {
    child = await settings.obtainChild(program);
  } catch (error) {
    const spawnFailure = `The child could not be started: ${messageOf(error)}`;
    const ending = { ...noEnding, spawnFailure, termination: termination.reason };
    return toOutcome(classifyOutcome(ending), ending, settings.isolation, 0);
  }
  const prepareMs = performance.now() - startedAtMs;
  if (termination.reason !== null) {
    // It was stopped before it had begun.
    await child.discard();
    const ending = { ...noEnding, spawnFailure: 'it was stopped', termination: termination.reason };
    return toOutcome(classifyOutcome(ending), ending, settings.isolation, 0);
  }
  const ending = await runChild(child, program, settings, termination, prepareMs);
  await child.cleanUp();
  const collectMs = performance.now() - startedAtMs - ending.prepareMs - ending.runMs;
  return toOutcome(classifyOutcome(ending), ending, settings.isolation, collectMs);
}

async function runChild(
  child: ReadyChild,
  program: AttemptProgram,
  { outputLimitBytes, pipeGraceMs }: AttemptSettings,
  termination: Termination,
  prepareMs: number,
): Promise<Ending> {
  const { limits, input } = program;
  const { directory, hostDirectory, depth } = child.enclosure;
  const nonce = createNonce();
  const stdout = new OutputCollector(outputLimitBytes);
  const stderr = new OutputCollector(outputLimitBytes);
  const report = new ReportCollector(nonce);
  let outputBytes = 0;
  // Past what they keep the collectors only count, so a flood never waits for us, and never fills our memory.
  const collect = (collector: OutputCollector) => (chunk: Buffer) => {
    collector.add(chunk);
    outputBytes += chunk.length;
    if (outputBytes > limits.outputBytes) termination.end('output');
  };
  child.stdout.on('data', collect(stdout));
  child.stderr.on('data', collect(stderr));
  let channelBytes = 0;
  child.channel.on('data', (chunk: Buffer) => {
    report.add(chunk);
    channelBytes += chunk.length;
    if (channelBytes > channelLimitBytes) termination.end('output');
  });

  termination.childStarted(child.kill);
  const startedAtMs = performance.now();
  const cancelTimeout = endAfterTimeout(termination, program.timeoutMs);
  const ownFileSystem = hostDirectory === null ? directory : null;
  const watching = watch({ pid: child.programPid, ownFileSystem, limits }, (limit) => termination.end(limit));
  child.channel.end(encodeProgramFrame(nonce, program));
  child.stdin.end(input.stdin);

  const { exitCode, signal, atMs } = await child.exit;
  termination.childExited();
  cancelTimeout();
  const usage = watching.finish();
  child.kill();
  await pipesClosed([child.stdout, child.stderr, child.channel], pipeGraceMs);
  child.stdin.destroy();

  const group = child.cgroup?.read() ?? { outOfMemory: null, memoryPeakBytes: null };
  const reported = report.finish();
  const kept = { stdout: stdout.finish(), stderr: stderr.finish() };
  const memoryPeakBytes =
    group.memoryPeakBytes ?? most(usage.residentPeakBytes, reported.exiting?.memoryPeakBytes ?? null);
  const memoryUsed = (memoryPeakBytes ?? 0) / limits.memoryBytes;
  return {
    ...kept,
    spawnFailure: null,
    exitCode,
    signal,
    foldsSignals: depth > 0,
    hasOwnDisk: hostDirectory === null,
    termination: termination.reason,
    report: reported,
    heapExhausted: outOfMemory.test(kept.stderr.text),
    outOfMemory: group.outOfMemory ?? (memoryUsed >= nearlyFull ? 'host' : 'no'),
    prepareMs,
    runMs: atMs - startedAtMs,
    cpuMs: most(usage.cpuMs, reported.exiting?.cpuMs ?? null),
    memoryPeakBytes,
    directory,
  };
}

function most(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function internalVerdict(message: string): Verdict {
  return {
    kind: 'ended',
    reason: 'internal',
    killedBy: 'worker',
    limit: null,
    exitCode: null,
    signal: null,
    message,
  };
}

function toOutcome(verdict: Verdict, ending: Ending, isolation: IsolationReport, collectMs: number): Outcome {
  const durationMs = Math.round(ending.runMs);
  if (verdict.kind === 'given_back') return { kind: 'given_back', cause: verdict.cause, durationMs };
  const { reason, killedBy, limit, exitCode, signal } = verdict;
  return {
    kind: 'ended',
    reason,
    killedBy,
    limit,
    exitCode,
    signal,
    durationMs,
    cpuMs: ending.cpuMs === null ? null : Math.round(ending.cpuMs),
    memoryPeakBytes: ending.memoryPeakBytes,
    timings: {
      prepareMs: Math.round(ending.prepareMs),
      runMs: durationMs,
      collectMs: Math.max(0, Math.round(collectMs)),
    },
    stdout: ending.stdout,
    stderr: ending.stderr,
    error: errorOf(verdict, ending),
    value: ending.report.value,
    isolation: { level: isolation.level, parts: isolation.parts },
  };
}

function errorOf(verdict: Exclude<Verdict, { kind: 'given_back' }>, ending: Ending): TaskError | null {
  if ('message' in verdict) return internalError(verdict.message);
  return verdict.error === null ? null : toTaskError(verdict.error, ending.directory, ending.stderr.text);
}
