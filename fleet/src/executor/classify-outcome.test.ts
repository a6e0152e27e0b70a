import { constants } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyOutcome, type Sighting } from './classify-outcome.ts';
import { noReport, type Exiting, type Report, type ReportedError } from './collect/report.ts';

const error: ReportedError = {
  name: 'Error',
  message: 'm',
  stack: null,
  line: null,
  column: null,
  located: true,
  cause: null,
};
const running: Report = { ...noReport, running: true };
const uncaught: Report = { ...running, error: { kind: 'uncaught_error', error, memory: false } };
const exiting = (code: number): Exiting => ({ code, cpuMs: null, memoryPeakBytes: null });
const clean: Sighting = {
  spawnFailure: null,
  exitCode: 0,
  signal: null,
  foldsSignals: false,
  hasOwnDisk: true,
  termination: null,
  report: running,
  heapExhausted: false,
  outOfMemory: 'no',
};
const signalled = (signal: string) => ({ exitCode: null, signal });
const killed = signalled('SIGKILL');

describe('classifyOutcome', () => {
  it.each<[string, Partial<Sighting>, object]>([
    ['exit code 0', {}, { reason: 'ok', killedBy: null, limit: null, error: null }],
    ['another exit code', { exitCode: 3 }, { reason: 'exit_code', killedBy: null }],
    [
      'exit code 137, which is no signal',
      { exitCode: 137 },
      { reason: 'exit_code', exitCode: 137, signal: null },
    ],
    [
      'an uncaught error',
      { exitCode: 1, report: uncaught },
      { reason: 'uncaught_error', killedBy: 'task', error },
    ],
    [
      'an allocation that failed',
      { exitCode: 1, report: { ...running, error: { kind: 'uncaught_error', error, memory: true } } },
      { reason: 'memory_limit', killedBy: 'limit', limit: 'memory', error },
    ],
    [
      'a syntax error',
      { exitCode: 1, report: { ...noReport, error: { kind: 'syntax_error', error } } },
      { reason: 'syntax_error', error },
    ],
    ['an error before an exit with 0', { report: uncaught }, { reason: 'ok', error: null }],
    ['a signal', signalled('SIGTERM'), { reason: 'signal', killedBy: 'task' }],
    ['a fault', signalled('SIGSEGV'), { reason: 'signal', killedBy: 'kernel' }],
    ['SIGKILL by someone else', killed, { reason: 'signal', killedBy: 'task' }],
    [
      'SIGKILL when the memory of the host was full',
      { ...killed, outOfMemory: 'host' },
      { reason: 'memory_limit', killedBy: 'kernel' },
    ],
    [
      'SIGKILL when its own memory was full',
      { ...killed, outOfMemory: 'group' },
      { reason: 'memory_limit', killedBy: 'limit', limit: 'memory' },
    ],
    [
      'SIGKILL when its memory was full before it had begun',
      { ...killed, outOfMemory: 'group', report: noReport },
      { reason: 'memory_limit', killedBy: 'limit', limit: 'memory' },
    ],
    ['an abort', signalled('SIGABRT'), { reason: 'signal', limit: null }],
    [
      'an abort of a heap that is full',
      { ...signalled('SIGABRT'), heapExhausted: true },
      { reason: 'memory_limit', killedBy: 'limit', limit: 'memory' },
    ],
    ['SIGXCPU', signalled('SIGXCPU'), { reason: 'cpu_limit', killedBy: 'kernel', limit: 'cpu' }],
    ['SIGXFSZ', signalled('SIGXFSZ'), { reason: 'signal', killedBy: 'kernel', limit: 'disk' }],
    [
      'a timeout',
      { ...killed, termination: 'timeout' },
      { reason: 'timeout', killedBy: 'limit', limit: 'timeout' },
    ],
    [
      'the CPU limit',
      { ...killed, termination: 'cpu' },
      { reason: 'cpu_limit', killedBy: 'limit', limit: 'cpu' },
    ],
    ['the memory limit', { ...killed, termination: 'memory' }, { reason: 'memory_limit', limit: 'memory' }],
    ['the output limit', { ...killed, termination: 'output' }, { reason: 'output_limit', limit: 'output' }],
    [
      'the limit of inodes',
      { ...killed, termination: 'inodes' },
      { reason: 'signal', killedBy: 'limit', limit: 'inodes' },
    ],
    ['the limit of threads', { ...killed, termination: 'threads' }, { reason: 'signal', limit: 'threads' }],
    ['a drain', { ...killed, termination: 'drain' }, { kind: 'given_back', cause: 'drain' }],
    ['an exit just before the kill', { termination: 'timeout' }, { reason: 'ok' }],
    [
      'a crash just before the kill',
      { ...signalled('SIGABRT'), termination: 'lease_lost' },
      { reason: 'signal' },
    ],
    [
      'a stop before the start',
      { exitCode: null, spawnFailure: 'not begun', termination: 'drain' },
      { kind: 'given_back', cause: 'drain' },
    ],
    [
      'no child',
      { exitCode: null, spawnFailure: 'ENOENT' },
      { reason: 'internal', killedBy: 'worker', message: 'ENOENT' },
    ],
    ['a child that never took the code', { report: noReport }, { reason: 'internal' }],
    [
      'a child that was killed before it took the code',
      { ...killed, report: noReport },
      { reason: 'internal' },
    ],
    [
      'a bootstrap that failed',
      { exitCode: 1, report: { ...noReport, setupFailure: { message: 'EEXIST', code: 'EEXIST' } } },
      { reason: 'internal', message: 'The code was not run: EEXIST.' },
    ],
    [
      'a disk of its own that was full',
      { exitCode: 1, report: { ...noReport, setupFailure: { message: 'full', code: 'ENOSPC' } } },
      { reason: 'uncaught_error', killedBy: 'limit', limit: 'disk' },
    ],
    [
      'a disk of the host that was full',
      {
        exitCode: 1,
        hasOwnDisk: false,
        report: { ...noReport, setupFailure: { message: 'full', code: 'ENOSPC' } },
      },
      { reason: 'internal', killedBy: 'worker', limit: null },
    ],
    [
      'a file that was larger than any may be',
      {
        exitCode: 1,
        hasOwnDisk: false,
        report: { ...noReport, setupFailure: { message: 'large', code: 'EFBIG' } },
      },
      { reason: 'uncaught_error', killedBy: 'limit', limit: 'disk' },
    ],
    ['neither code nor signal', { exitCode: null }, { reason: 'internal' }],
  ])('%s', (_, seen, verdict) => {
    expect(classifyOutcome({ ...clean, ...seen })).toMatchObject(verdict);
  });

  it.each<[string, number, Exiting | null, object]>([
    ['SIGKILL', 137, null, { reason: 'signal', exitCode: null, signal: 'SIGKILL' }],
    ['exit(137)', 137, exiting(137), { reason: 'exit_code', exitCode: 137, signal: null }],
    ['SIGTERM, after it had said another code', 143, exiting(0), { reason: 'signal', signal: 'SIGTERM' }],
    ['SIGABRT', 134, null, { reason: 'signal', signal: 'SIGABRT' }],
    ['exit(128)', 128, null, { reason: 'exit_code', exitCode: 128 }],
    ['exit(255), said by nobody', 255, null, { reason: 'exit_code', exitCode: 255 }],
    ['exit(1)', 1, null, { reason: 'exit_code', exitCode: 1 }],
  ])('behind an init that folds signals: %s', (_, exitCode, said, verdict) => {
    const seen = { ...clean, foldsSignals: true, exitCode, report: { ...running, exiting: said } };
    expect(classifyOutcome(seen)).toMatchObject(verdict);
  });
});

const terminations = [
  'timeout',
  'cpu',
  'memory',
  'output',
  'inodes',
  'threads',
  'drain',
  'lease_lost',
] as const;

const report: fc.Arbitrary<Report> = fc.record({
  running: fc.boolean(),
  setupFailure: fc.option(fc.record({ message: fc.string(), code: fc.constantFrom('', 'ENOSPC', 'EFBIG') })),
  error: fc.option(
    fc.oneof(
      fc.constant({ kind: 'syntax_error' as const, error }),
      fc.record({
        kind: fc.constant('uncaught_error' as const),
        error: fc.constant(error),
        memory: fc.boolean(),
      }),
    ),
  ),
  value: fc.option(fc.record({ json: fc.json() })),
  exiting: fc.option(fc.nat(255).map(exiting)),
});

const sighting: fc.Arbitrary<Sighting> = fc.record({
  spawnFailure: fc.option(fc.string()),
  exitCode: fc.option(fc.nat(255)),
  signal: fc.option(fc.constantFrom(...Object.keys(constants.signals))),
  foldsSignals: fc.boolean(),
  hasOwnDisk: fc.boolean(),
  termination: fc.option(fc.constantFrom(...terminations)),
  report,
  heapExhausted: fc.boolean(),
  outOfMemory: fc.constantFrom('no', 'group', 'host'),
});

/** What the system can say: an exit code, or a signal. */
const possible = sighting.filter(({ exitCode, signal }) => (exitCode === null) !== (signal === null));

describe('whatever is seen and reported', () => {
  it('is ok only with exit code 0 of a child that ended by itself', () => {
    fc.assert(
      fc.property(sighting, (seen) => {
        const verdict = classifyOutcome(seen);
        if (verdict.kind !== 'ended' || verdict.reason !== 'ok') return;
        expect(seen).toMatchObject({ spawnFailure: null, exitCode: 0 });
        expect(verdict).toMatchObject({ exitCode: 0, killedBy: null, limit: null, error: null });
      }),
    );
  });

  it('is not ok because of a report', () => {
    fc.assert(
      fc.property(possible, report, (seen, other) => {
        fc.pre(seen.exitCode !== 0);
        expect(classifyOutcome({ ...seen, report: other })).not.toMatchObject({ reason: 'ok' });
      }),
    );
  });

  it('says that we killed it only when we did', () => {
    fc.assert(
      fc.property(sighting, (seen) => {
        const verdict = classifyOutcome({ ...seen, termination: null });
        expect(verdict.kind).toBe('ended');
        for (const limit of ['timeout', 'output', 'inodes', 'threads'])
          expect(verdict).not.toMatchObject({ limit });
      }),
    );
  });

  it('says what we killed it for when a kill ended it, whatever it reported', () => {
    fc.assert(
      fc.property(possible, fc.constantFrom(...terminations), report, (seen, termination, other) => {
        const sight = { ...seen, ...killed, termination };
        const verdict = classifyOutcome(sight);
        expect(classifyOutcome({ ...sight, report: other })).toEqual(verdict);
        if (verdict.kind === 'given_back') expect(verdict.cause).toBe(termination);
        else expect(verdict).toMatchObject({ killedBy: 'limit', limit: termination });
      }),
    );
  });

  it('has an exit code or a signal when the child had one, and never both', () => {
    fc.assert(
      fc.property(possible, (seen) => {
        const verdict = classifyOutcome(seen);
        if (verdict.kind !== 'ended') return;
        expect((verdict.exitCode === null) !== (verdict.signal === null)).toBe(true);
        if (!seen.foldsSignals && verdict.exitCode !== null) expect(verdict.exitCode).toBe(seen.exitCode);
        if (verdict.reason === 'signal') expect(verdict.signal).not.toBeNull();
        if (verdict.reason === 'exit_code') expect(verdict.exitCode).toBeGreaterThan(0);
      }),
    );
  });

  it('names a limit exactly when a limit ended it', () => {
    fc.assert(
      fc.property(sighting, (seen) => {
        const verdict = classifyOutcome(seen);
        if (verdict.kind !== 'ended') return;
        if (verdict.killedBy === 'limit') expect(verdict.limit).not.toBeNull();
        if (verdict.killedBy === null || verdict.killedBy === 'task') expect(verdict.limit).toBeNull();
        if (verdict.reason === 'ok' || verdict.reason === 'exit_code') expect(verdict.killedBy).toBeNull();
        else expect(verdict.killedBy).not.toBeNull();
      }),
    );
  });
});
