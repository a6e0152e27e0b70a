import { expect, it } from 'vitest';
import { isAlive } from '../../src/executor/testing/executor-under-test.ts';
import { atEachLevel, defineAttacks, ok, type Attack } from './attack.ts';

/** A bomb that goes off for five generations only: at most 62 processes, should nothing stop it. */
const bomb = `function bomb(generation) {
  const { spawn } = require('node:child_process');
  if (generation < 5) for (let i = 0; i < 2; i++) spawn(process.execPath, ['-e', '(' + bomb + ')(' + (generation + 1) + ')'], { detached: true, stdio: 'ignore' });
  require('node:fs').writeSync(1, 'reached a process\\n');
  setTimeout(() => process.exit(), generation === 0 ? 500 : 60_000);
}`;

const grandchild = `require('node:child_process').spawn('/bin/sleep', ['60'], { detached: true, stdio: 'inherit' }).on('error', () => {}).on('spawn', () => { require('node:fs').writeSync(1, 'reached a process\\n'); process.exit(); }).unref();`;

/** A Worker that Node gave options of its own would have no permission model: then only walls of the kernel would hold. */
const byShedding = (code: string) =>
  `new (require('node:worker_threads').Worker)(${JSON.stringify(code)}, { eval: true, execArgv: [] }).on('error', () => {});`;

const attacks: Attack[] = [
  { name: 'a fork bomb', code: `${bomb} attempt('a process', () => bomb(0));`, ending: ok },
  { name: 'a detached grandchild', code: `attempt('a process', () => { ${grandchild} });`, ending: ok },
  {
    name: 'every other way to start a process',
    code: `const child = require('node:child_process');
      attempt('spawnSync', () => child.spawnSync('/bin/true').status === 0);
      attempt('execSync', () => child.execSync('true'));
      attempt('fork', () => child.fork('x.js'));
      attempt('execFile', () => child.execFile('/bin/true'));
      attempt('cluster', () => require('node:cluster').fork());
      attempt('execve', () => process.execve?.(process.execPath, [process.execPath, '-v'], {}) ?? false);
      attempt('binding', () => process.binding('spawn_sync'));
      attempt('process_wrap', () => process.binding('process_wrap'));
      attempt('test runner', () => { require('node:test').run({ files: ['x.js'] }).on('test:fail', () => {}).on('error', () => {}); return false; });`,
    ending: ok,
  },
  {
    name: 'a fork bomb without the permission model',
    code: byShedding(`${bomb} try { bomb(0); } catch {}`),
    ending: ok,
  },
  {
    name: 'a detached grandchild without the permission model',
    code: byShedding(grandchild),
    ending: ok,
  },
  {
    name: 'user namespaces from within',
    code: byShedding(
      `const { status } = require('node:child_process').spawnSync('unshare', ['--user', '--map-root-user', 'true']); if (status === 0) require('node:fs').writeSync(1, 'reached a process\\n');
       for (const name of ['uid_map', 'gid_map', 'setgroups']) try { require('node:fs').writeFileSync('/proc/self/' + name, '0 0 4294967295'); require('node:fs').writeSync(1, 'reached ' + name + '\\n'); } catch {}`,
    ),
    ending: ok,
  },
  {
    name: 'another user',
    code: `const ids = () => [process.getuid(), process.getgid()].join(); const before = ids();
      for (const id of [0, 1, 65534]) for (const name of ['setgid', 'setegid', 'setuid', 'seteuid']) try { process[name](id); } catch {}
      attempt('user ' + ids(), () => before !== '0,0' && before !== ids());`,
    ending: ok,
  },
];

await atEachLevel('processes', (at) => {
  defineAttacks(at, attacks);

  it('a grandchild in a group, a directory and an environment of its own', async ({ task }) => {
    const { stdout } = await at.under.run(
      byShedding(
        `const child = require('node:child_process').spawn('/bin/sleep', ['60'], { detached: true, stdio: 'ignore', cwd: '/', env: {} }); child.on('error', () => {}).on('spawn', () => { require('node:fs').writeSync(1, String(child.pid)); process.exit(); });`,
      ),
    );
    const pid = Number(stdout.text);
    const survived = pid > 0 && (await isAlive(pid));
    if (survived) process.kill(pid, 'SIGKILL');
    at.table.addText(task.name, at.level, survived ? '**reached**: it outlives the task' : '`ok`');
    expect(survived).toBe(false);
  });
});
