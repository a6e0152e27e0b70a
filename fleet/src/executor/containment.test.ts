import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createExecutor } from './index.ts';
import { ended, eventually, executorUnderTest, isAlive } from './testing/executor-under-test.ts';

const under = executorUnderTest();
const { run } = under;

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
    const outcome = await run(`
      const fs = require('node:fs');
      console.log(fs.readFileSync('/proc/self/cmdline', 'utf8') + fs.readFileSync('/proc/self/environ', 'utf8')); // canary`);
    expect(outcome.stdout.text).not.toContain('canary');
  });
});

describe('nothing outlives its attempt', () => {
  const child = (options: string, then: string) => `
    const { spawn } = require('node:child_process');
    const child = spawn('/bin/sleep', ['60'], ${options});
    console.log(child.pid);
    ${then}`;

  it.each([
    ['in the background', child(`{ stdio: 'ignore' }`, 'child.unref()'), 'ok'],
    ['that holds the pipes', child(`{ stdio: 'inherit' }`, 'child.unref()'), 'ok'],
    [
      'that has shed our directory and environment',
      child(`{ stdio: 'ignore', cwd: '/', env: {} }`, 'child.unref()'),
      'ok',
    ],
    ['detached', child(`{ stdio: 'ignore', detached: true }`, 'child.unref()'), 'ok'],
    ['detached, that holds the pipes', child(`{ stdio: 'inherit', detached: true }`, 'child.unref()'), 'ok'],
    ['detached, elsewhere', child(`{ stdio: 'ignore', detached: true, cwd: '/' }`, 'child.unref()'), 'ok'],
    [
      'detached, without our environment',
      child(`{ stdio: 'ignore', detached: true, env: {} }`, 'child.unref()'),
      'ok',
    ],
    ['waited for until the timeout', child(`{ stdio: 'inherit' }`, ''), 'timeout'],
    ['after an exit', child(`{ stdio: 'inherit', detached: true }`, 'process.exit(0)'), 'ok'],
  ])('a process %s', async (_, code, reason) => {
    const outcome = await run(code, reason === 'timeout' ? 1_500 : 20_000);
    expect(outcome.reason).toBe(reason);
    const pid = Number(outcome.stdout.text);
    expect(pid).toBeGreaterThan(0);
    expect(await eventually(async () => ((await isAlive(pid)) ? null : 'dead'), 2_000)).toBe('dead');
  });

  it('a process that gets away holds up nobody', async () => {
    // It changes its directory and its environment, so it is found by its pid here, and by nobody in the executor.
    const outcome = await run(
      child(`{ stdio: 'inherit', detached: true, cwd: '/', env: {} }`, 'child.unref()'),
    );
    const pid = Number(outcome.stdout.text);
    process.kill(pid, 'SIGKILL');
    expect(outcome).toMatchObject({ reason: 'ok' });
    expect(outcome.durationMs).toBeLessThan(5_000);
  });

  it('a directory, whatever is in it', async () => {
    const kept = join(under.workRoot, '..', 'kept');
    await writeFile(kept, 'kept');
    const outcome = await run(`
      const fs = require('node:fs');
      fs.symlinkSync(${JSON.stringify(kept)}, 'link');
      fs.symlinkSync('/', 'root');
      fs.mkdirSync('closed/inner', { recursive: true });
      fs.writeFileSync('closed/inner/file', '');
      for (let i = 0; i < 40; i++) { fs.mkdirSync('d'.repeat(250)); process.chdir('d'.repeat(250)); fs.writeFileSync('f', ''); }
      process.chdir('..');
      fs.chmodSync(process.env.HOME + '/closed', 0);
      fs.chmodSync(process.env.HOME, 0);`);
    expect(outcome).toMatchObject({ reason: 'ok', stderr: { text: '' } });
    expect(await readFile(kept, 'utf8')).toBe('kept');
  });
});

describe('a directory that is not what it was', () => {
  it('is removed as the link that it has become', async () => {
    const target = join(under.workRoot, '..', 'target');
    await mkdir(target, { mode: 0o755 });
    await writeFile(join(target, 'kept'), 'kept');
    const outcome = await run(`
      const fs = require('node:fs');
      fs.rmSync(process.env.HOME, { recursive: true });
      fs.symlinkSync(${JSON.stringify(target)}, process.env.HOME);`);
    expect(outcome).toMatchObject({ reason: 'ok', stderr: { text: '' } });
    expect(await readdir(target)).toEqual(['kept']);
    expect((await stat(target)).mode & 0o777).toBe(0o755);
  });

  it('is told of when it cannot be removed, and its outcome stands', async (context) => {
    const left: string[] = [];
    const executor = createExecutor({ workRoot: under.workRoot, onLeftover: (path) => void left.push(path) });
    const code = `
      require('node:fs').writeFileSync('file', '');
      process.exitCode = require('node:child_process').spawnSync('chattr', ['+i', 'file']).status ? 9 : 0;`;
    const program = { taskId: 'immutable', attempt: 1, timeoutMs: 20_000, code };
    const outcome = ended(await executor.run(program).outcome);
    if (outcome.exitCode === 9)
      return context.skip('this file system, or this user, knows no immutable files');
    expect(outcome.reason).toBe('ok');
    expect(left).toEqual([expect.stringMatching(/attempt-/)]);
    spawnSync('chattr', ['-i', join(left[0]!, 'file')]);
    await executor.prepare();
  });
});

describe('prepare', () => {
  it('ends what a crashed predecessor left, and touches nothing else', async () => {
    const left = join(under.workRoot, 'attempt-left');
    await mkdir(join(left, 'a'), { recursive: true });
    const child = spawn('/bin/sleep', ['60'], { cwd: left, stdio: 'ignore', detached: true });
    const exit = once(child, 'exit');
    const other = join(under.workRoot, '..', 'other');
    await mkdir(join(other, 'keep'), { recursive: true });

    await createExecutor({ workRoot: under.workRoot }).prepare();
    expect(await exit).toEqual([null, 'SIGKILL']);
    expect(await readdir(under.workRoot)).toEqual([]);
    await createExecutor({ workRoot: other }).prepare();
    expect(await readdir(other)).toEqual(['keep']);
  });

  it('makes a private work root', async () => {
    const workRoot = join(under.workRoot, '..', 'a/b');
    await createExecutor({ workRoot }).prepare();
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
