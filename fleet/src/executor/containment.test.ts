import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { noInput } from '@runfleet/shared/model/task-input.ts';
import { defaultLimits } from '@runfleet/shared/model/task-limits.ts';
import { describe, expect, it } from 'vitest';
import { createExecutor } from './index.ts';
import { eventually, executorUnderTest, isolationOf, processesIn } from './testing/executor-under-test.ts';

const under = executorUnderTest();
const { run, start } = under;

describe('what a child is given', () => {
  it('is an environment from an allow-list', async () => {
    process.env['RUNFLEET_CANARY'] = 'secret';
    const outcome = await run(`console.log(JSON.stringify({ env: process.env, cwd: process.cwd() }))`);
    delete process.env['RUNFLEET_CANARY'];
    const { env, cwd } = JSON.parse(outcome.stdout.text);
    expect(env).toEqual({
      HOME: cwd,
      TMPDIR: cwd,
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      RUNFLEET_TASK_ID: 'task-0',
      RUNFLEET_ATTEMPT: '1',
    });
  });

  it('is a fresh directory that nobody else may enter', async () => {
    const code = `console.log(process.cwd(), (require('node:fs').statSync('.').mode & 0o777).toString(8), require('node:fs').readdirSync('.').join())`;
    const [one, other] = (await Promise.all([run(code), run(code)])).map(({ stdout }) =>
      stdout.text.split(' '),
    );
    expect(one!.slice(1)).toEqual(['700', 'main.cjs\n']);
    expect(other!.slice(1)).toEqual(['700', 'main.cjs\n']);
    expect(one![0]).not.toBe(other![0]);
    expect(one![0]!.startsWith(`${under.workRoot}/attempt-`)).toBe(true);
  });

  it('is no code on its command line or in its environment', async () => {
    const attempt = start(`for (;;); // canary`);
    const pid = await eventually(async () => (await processesIn(under.workRoot))[0] ?? null);
    const seen = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
    );
    attempt.stop('drain');
    await attempt.outcome;
    expect(seen.join()).toContain('bootstrap.cjs');
    expect(seen.join()).not.toContain('canary');
  });
});

describe('what an attempt leaves', () => {
  it('is no directory, whatever is in it', async () => {
    const outcome = await run(`
      const fs = require('node:fs');
      fs.mkdirSync('closed/inner', { recursive: true });
      fs.writeFileSync('closed/inner/file', '');
      for (let i = 0; i < 40; i++) { fs.mkdirSync('d'.repeat(60)); process.chdir('d'.repeat(60)); fs.writeFileSync('f', ''); }
      process.chdir('..');
      fs.chmodSync(process.env.HOME + '/closed', 0);
      fs.chmodSync(process.env.HOME, 0);`);
    expect(outcome).toMatchObject({ reason: 'ok', stderr: { text: '' } });
  });

  it('is told of when it cannot be removed, and its outcome stands', async (context) => {
    const left: string[] = [];
    const executor = createExecutor({
      workRoot: under.workRoot,
      isolation: await isolationOf('process'),
      poolSize: 0,
      onLeftover: (path) => void left.push(path),
    });
    const attempt = executor.run({
      taskId: 'immutable',
      attempt: 1,
      timeoutMs: 20_000,
      code: `require('node:fs').writeFileSync('file', 'x'); setInterval(() => {}, 1e6)`,
      input: noInput,
      limits: { ...defaultLimits, cpuMs: 40_000 },
    });
    const file = await eventually(async () => {
      const [directory = ''] = await readdir(under.workRoot);
      const path = join(under.workRoot, directory, 'file');
      return (await readFile(path, 'utf8').catch(() => '')) === 'x' ? path : null;
    });
    const immutable = spawnSync('chattr', ['+i', file]).status === 0;
    attempt.stop('drain');
    expect(await attempt.outcome).toMatchObject({ kind: 'given_back', cause: 'drain' });
    if (!immutable) return context.skip('this file system, or this user, knows no immutable files');
    expect(left).toEqual([expect.stringMatching(/attempt-/)]);
    spawnSync('chattr', ['-i', file]);
    await executor.prepare();
    await executor.close();
  });
});

describe('prepare', () => {
  async function prepared(workRoot: string): Promise<void> {
    await createExecutor({ workRoot, isolation: await isolationOf('process'), poolSize: 0 }).prepare();
  }

  it('ends what a crashed predecessor left, and touches nothing else', async () => {
    const left = join(under.workRoot, 'attempt-left');
    await mkdir(join(left, 'a'), { recursive: true });
    const child = spawn('/bin/sleep', ['60'], { cwd: left, stdio: 'ignore', detached: true });
    const exit = once(child, 'exit');
    const other = join(under.workRoot, '..', 'other');
    await mkdir(join(other, 'keep'), { recursive: true });

    await prepared(under.workRoot);
    expect(await exit).toEqual([null, 'SIGKILL']);
    expect(await readdir(under.workRoot)).toEqual([]);
    await prepared(other);
    expect(await readdir(other)).toEqual(['keep']);
  });

  it('makes a private work root', async () => {
    const workRoot = join(under.workRoot, '..', 'a/b');
    await prepared(workRoot);
    expect((await stat(workRoot)).mode & 0o777).toBe(0o700);
  });
});

it('runs many attempts at once, each with its own outcome', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, i) => run(`console.log(${i}); process.exit(${i})`)),
  );
  expect(outcomes.map(({ exitCode, stdout }) => [exitCode, stdout.text])).toEqual(
    outcomes.map((_, i) => [i, `${i}\n`]),
  );
});
