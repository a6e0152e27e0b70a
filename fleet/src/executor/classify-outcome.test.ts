import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyOutcome, type Sighting } from './classify-outcome.ts';
import { noReport, type Report } from './collect/report.ts';

const error = { name: 'Error', message: 'm', stack: null, line: null, column: null };
const running: Report = { ...noReport, running: true };
const clean: Sighting = { spawnFailure: null, exitCode: 0, signal: null, termination: null, report: running };

describe('classifyOutcome', () => {
  it.each<[string, Partial<Sighting>, object]>([
    ['exit code 0', {}, { reason: 'ok' }],
    ['another exit code', { exitCode: 3 }, { reason: 'exit_code' }],
    ['exit code 137, which is no signal', { exitCode: 137 }, { reason: 'exit_code' }],
    [
      'an uncaught error',
      { exitCode: 1, report: { ...running, error: { kind: 'uncaught_error', error } } },
      { reason: 'uncaught_error', error },
    ],
    [
      'a syntax error',
      { exitCode: 1, report: { ...noReport, error: { kind: 'syntax_error', error } } },
      { reason: 'syntax_error', error },
    ],
    [
      'an error before an exit with 0',
      { report: { ...running, error: { kind: 'uncaught_error', error } } },
      { reason: 'ok' },
    ],
    ['a signal', { exitCode: null, signal: 'SIGSEGV' }, { reason: 'signal' }],
    ['SIGKILL by someone else', { exitCode: null, signal: 'SIGKILL' }, { reason: 'signal' }],
    ['a timeout', { exitCode: null, signal: 'SIGKILL', termination: 'timeout' }, { reason: 'timeout' }],
    [
      'a drain',
      { exitCode: null, signal: 'SIGKILL', termination: 'drain' },
      { kind: 'given_back', cause: 'drain' },
    ],
    ['an exit just before the kill', { termination: 'timeout' }, { reason: 'ok' }],
    [
      'a crash just before the kill',
      { exitCode: null, signal: 'SIGABRT', termination: 'lease_lost' },
      { reason: 'signal' },
    ],
    [
      'a stop before the start',
      { exitCode: null, spawnFailure: 'not begun', termination: 'drain' },
      { kind: 'given_back', cause: 'drain' },
    ],
    ['no child', { exitCode: null, spawnFailure: 'ENOENT' }, { reason: 'internal', message: 'ENOENT' }],
    ['a child that never took the code', { report: noReport }, { reason: 'internal' }],
    [
      'a bootstrap that failed',
      { exitCode: 1, report: { ...noReport, setupFailure: 'ENOSPC' } },
      { reason: 'internal', message: 'The code was not run: ENOSPC.' },
    ],
    ['neither code nor signal', { exitCode: null }, { reason: 'internal' }],
  ])('%s', (_, seen, verdict) => {
    expect(classifyOutcome({ ...clean, ...seen })).toMatchObject(verdict);
  });

  const sighting: fc.Arbitrary<Sighting> = fc.record({
    spawnFailure: fc.option(fc.string()),
    exitCode: fc.option(fc.nat(255)),
    signal: fc.option(fc.constantFrom('SIGKILL', 'SIGSEGV', 'SIGTERM')),
    termination: fc.option(fc.constantFrom('timeout' as const, 'drain' as const, 'lease_lost' as const)),
    report: fc.record({
      running: fc.boolean(),
      setupFailure: fc.option(fc.string()),
      error: fc.option(
        fc.record({
          kind: fc.constantFrom('syntax_error' as const, 'uncaught_error' as const),
          error: fc.constant(error),
        }),
      ),
    }),
  });

  it('is ok only with exit code 0, whatever was reported', () => {
    fc.assert(
      fc.property(sighting, (seen) => {
        const verdict = classifyOutcome(seen);
        if (verdict.kind === 'ended' && verdict.reason === 'ok') {
          expect(seen).toMatchObject({ spawnFailure: null, exitCode: 0 });
        }
      }),
    );
  });

  it('lets no report reach past an ending that is not an exit', () => {
    fc.assert(
      fc.property(sighting, sighting, (seen, other) => {
        fc.pre(seen.exitCode === null || seen.spawnFailure !== null);
        expect(classifyOutcome({ ...seen, report: other.report })).toEqual(classifyOutcome(seen));
      }),
    );
  });

  it('says that we killed it only when we did', () => {
    fc.assert(
      fc.property(sighting, (seen) => {
        const verdict = classifyOutcome({ ...seen, termination: null });
        expect(verdict.kind).toBe('ended');
        expect(verdict).not.toMatchObject({ reason: 'timeout' });
      }),
    );
  });
});
