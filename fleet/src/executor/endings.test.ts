import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '@runfleet/shared/model/task-limits.ts';
import { noInput } from '@runfleet/shared/model/task-input.ts';
import type { AttemptProgram } from './attempt.ts';
import { createExecutor } from './index.ts';
import { processLevel } from './isolation/process-level.ts';
import { ended, eventually, executorUnderTest } from './testing/executor-under-test.ts';

const under = executorUnderTest();
const { run, start } = under;

/** The text of a file that the code writes in its work directory when it has come that far. */
function written(name: string): Promise<string> {
  return eventually(async () => {
    for (const directory of await readdir(under.workRoot)) {
      const text = await readFile(join(under.workRoot, directory, name), 'utf8').catch(() => '');
      if (text !== '') return text;
    }
    return null;
  });
}

const busy = `console.log('before'); require('node:fs').writeFileSync('ready', 'yes'); for (;;);`;

describe('how a child can end', () => {
  it.each([
    ['process.exit(0)', { reason: 'ok', exitCode: 0 }],
    ['process.exit(3)', { reason: 'exit_code', exitCode: 3 }],
    ['process.exit(137)', { reason: 'exit_code', exitCode: 137, signal: null }],
    ['process.exitCode = 4', { reason: 'exit_code', exitCode: 4 }],
    ['await new Promise(() => {})', { reason: 'exit_code', exitCode: 13 }],
    [`process.kill(process.pid, 'SIGKILL')`, { reason: 'signal', exitCode: null, signal: 'SIGKILL' }],
    [
      `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1e6)`,
      { reason: 'signal', signal: 'SIGTERM' },
    ],
    ['process.abort()', { reason: 'signal', signal: 'SIGABRT' }],
  ])('%s', async (code, ending) => {
    expect(await run(code)).toMatchObject({ ...ending, error: null });
  });

  it('takes as long as it takes', async () => {
    const { durationMs } = await run('setTimeout(() => {}, 150)');
    expect(durationMs).toBeGreaterThan(150);
    expect(durationMs).toBeLessThan(5_000);
  });
});

describe('what cannot change the ending', () => {
  it.each([
    [
      'a report without the nonce',
      `require('node:fs').writeSync(3, '{"kind":"running"}\\n' + 'n'.repeat(32) + ' {"kind":"uncaught_error","error":{"name":"Forged"}}\\n'); process.exit(5)`,
    ],
    [
      'a flood of fd 3',
      `const fs = require('node:fs'); for (let i = 0; i < 64; i++) fs.writeSync(3, 'x'.repeat(65536)); process.exit(5)`,
    ],
    ['a closed fd 3', `require('node:fs').closeSync(3); process.exit(5)`],
    ['what it prints', `console.log('{"kind":"ended","reason":"ok","exitCode":0}'); process.exit(5)`],
  ])('%s', async (_, code) => {
    expect(await run(code)).toMatchObject({ reason: 'exit_code', exitCode: 5, error: null });
  });

  it('tells a genuine error behind half a line of the code', async () => {
    const outcome = await run(`require('node:fs').writeSync(3, 'half a line'); throw new Error('genuine')`);
    expect(outcome).toMatchObject({ reason: 'uncaught_error', error: { message: 'genuine' } });
  });
});

describe('an attempt that is ended', () => {
  it('by its timeout, with what it had printed', async () => {
    const outcome = await run(busy, { timeoutMs: 1_500 });
    expect(outcome).toMatchObject({
      reason: 'timeout',
      exitCode: null,
      signal: 'SIGKILL',
      stdout: { text: 'before\n' },
    });
    expect(outcome.durationMs).toBeGreaterThan(1_480);
    expect(outcome.durationMs).toBeLessThan(8_000);
  });

  it('by its timeout, though it ignores signals', async () => {
    const outcome = await run(
      `for (const s of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(s, () => {}); setInterval(() => {}, 1e6)`,
      { timeoutMs: 300 },
    );
    expect(outcome.reason).toBe('timeout');
  });

  it('not by a timeout beyond what a timer can hold', async () => {
    expect(await run('setTimeout(() => {}, 50)', { timeoutMs: 2 ** 40 })).toMatchObject({ reason: 'ok' });
  });

  it.each(['drain', 'lease_lost'] as const)('by a stop: %s', async (cause) => {
    const attempt = start(busy);
    await written('ready');
    attempt.stop(cause);
    attempt.stop('drain');
    expect(await attempt.outcome).toEqual({ kind: 'given_back', cause, durationMs: expect.any(Number) });
  });

  it('by a stop before its child has started', async () => {
    const attempt = start(busy);
    attempt.stop('drain');
    expect(await attempt.outcome).toMatchObject({ kind: 'given_back', cause: 'drain', durationMs: 0 });
  });

  it('not by a stop after it has ended', async () => {
    const attempt = start('console.log(1)');
    await attempt.outcome;
    attempt.stop('lease_lost');
    expect(ended(await attempt.outcome).reason).toBe('ok');
  });

  it('by close, which can be called twice and during another', async () => {
    const attempts = [start(busy), start(busy), start(busy)];
    await written('ready');
    await Promise.all([under.executor.close(), under.executor.close()]);
    for (const attempt of attempts) {
      expect(await attempt.outcome).toMatchObject({ kind: 'given_back', cause: 'drain' });
    }
    expect(await start('1').outcome).toMatchObject({ kind: 'given_back', cause: 'drain', durationMs: 0 });
  });
});

describe('what is not the code’s fault', () => {
  const program: AttemptProgram = {
    taskId: 't',
    attempt: 1,
    code: '',
    timeoutMs: 5_000,
    input: noInput,
    limits: { ...defaultLimits, cpuMs: 10_000 },
  };
  const withNode = (nodePath: string) => processLevel(nodePath, { prlimit: false, setpriv: false });

  it.each([
    ['no such node', '/nowhere/node', /could not be started: spawn \/nowhere\/node ENOENT/],
    ['a node that cannot be run', '/etc', /could not be started: spawn \/etc EACCES/],
    ['a node that is none, and succeeds', '/bin/true', /could not be started: it ended while it started/],
    ['a node that is none, and fails', '/bin/false', /could not be started: it ended while it started/],
  ])('%s', async (_, nodePath, message) => {
    const executor = createExecutor({ workRoot: under.workRoot, isolation: withNode(nodePath), poolSize: 0 });
    const outcome = ended(await executor.run(program).outcome);
    expect(outcome).toMatchObject({
      reason: 'internal',
      killedBy: 'worker',
      error: { name: 'InternalError' },
    });
    expect(outcome.error?.message).toMatch(message);
  });

  it('no file descriptors, of which there are enough again later', () => {
    const fixture = fileURLToPath(
      new URL('../../test/fixtures/programs/out-of-descriptors.ts', import.meta.url),
    );
    const { stdout } = spawnSync(
      '/bin/sh',
      ['-c', 'ulimit -n 50; exec "$0" "$1" "$2"', process.execPath, fixture, join(under.workRoot, 'starved')],
      { encoding: 'utf8', timeout: 15_000 },
    );
    const { atOnce, later } = JSON.parse(stdout);
    expect(new Set(atOnce)).toEqual(new Set(['ok', expect.stringMatching(/^internal: .* spawn .* EMFILE$/)]));
    expect(later).toBe('ok');
    rmSync(join(under.workRoot, 'starved'), { recursive: true });
  });

  it('no work root', async () => {
    const executor = createExecutor({
      workRoot: join(under.workRoot, 'never-made'),
      isolation: withNode(process.execPath),
      poolSize: 0,
    });
    expect(await executor.run(program).outcome).toMatchObject({ kind: 'ended', reason: 'internal' });
  });
});
