import type { CapturedStream, EndedOutcome } from '../src/model/outcome.ts';

/*
 * Example outcomes, for tests in Node and in workerd alike.
 */

export function captured(text: string, droppedBytes = 0): CapturedStream {
  return { text, bytes: new TextEncoder().encode(text).length + droppedBytes, droppedBytes };
}

/** The outcome of code that printed `4`; what is said of it is different. */
export function endedOutcome(outcome: Partial<EndedOutcome> = {}): EndedOutcome {
  return {
    kind: 'ended',
    reason: 'ok',
    killedBy: null,
    limit: null,
    exitCode: 0,
    signal: null,
    durationMs: 12.5,
    cpuMs: 8.25,
    memoryPeakBytes: 40_000_000,
    timings: { prepareMs: 1.5, runMs: 12.5, collectMs: 0.5 },
    stdout: captured('4\n'),
    stderr: captured(''),
    error: null,
    value: null,
    isolation: { level: 'process', parts: { memory: 'heap' } },
    ...outcome,
  };
}
