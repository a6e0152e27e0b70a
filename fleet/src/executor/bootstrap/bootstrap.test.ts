import { describe, expect, it } from 'vitest';
import { runBootstrap } from '../testing/run-bootstrap.ts';

describe('what the code finds', () => {
  it('is its arguments, its environment and nothing else', async () => {
    const { stdout, directory } = await runBootstrap(
      `console.log(JSON.stringify({ argv: process.argv.slice(1), env: process.env, execArgv: process.execArgv }))`,
      { args: ['--a', 'b c', ''], env: { FOO: 'bar', LANG: 'de_DE.UTF-8' } },
    );
    expect(JSON.parse(stdout)).toEqual({
      argv: [`${directory}/main.cjs`, '--a', 'b c', ''],
      execArgv: [],
      env: {
        HOME: directory,
        TMPDIR: directory,
        PATH: '/usr/local/bin:/usr/bin:/bin',
        LANG: 'de_DE.UTF-8',
        TZ: 'UTC',
        RUNFLEET_TASK_ID: 'task-0',
        RUNFLEET_ATTEMPT: '1',
        FOO: 'bar',
      },
    });
  });

  it('is the time zone that its environment names', async () => {
    const { stdout } = await runBootstrap(`console.log(new Date(0).getTimezoneOffset())`, {
      env: { TZ: 'America/New_York' },
    });
    expect(stdout).toBe('300\n');
  });

  it('is its stdin', async () => {
    const { stdout } = await runBootstrap(
      `process.stdin.setEncoding('utf8').on('data', (d) => process.stdout.write(d.toUpperCase()))`,
      { stdin: 'a €' },
    );
    expect(stdout).toBe('A €');
    const all = await runBootstrap(`console.log(require('node:fs').readFileSync(0, 'utf8').length)`, {
      stdin: 'x'.repeat(1e6),
    });
    expect(all.stdout).toBe('1000000\n');
  });

  it('is its files, byte for byte', async () => {
    const { stdout } = await runBootstrap(
      `import { a } from './lib/deep/a.mjs'; import fs from 'node:fs';
       console.log(a, fs.readFileSync('b.bin').toString('hex'), fs.statSync('lib/deep').mode.toString(8));`,
      {
        files: [
          { path: 'lib/deep/a.mjs', content: `export const a = 'ä';`, encoding: 'utf8' },
          { path: 'b.bin', content: 'AP+A', encoding: 'base64' },
        ],
      },
    );
    expect(stdout).toBe('ä 00ff80 40700\n');
  });

  it.each(['../a', '/etc/a', 'a/../../b', '', 'a//b', './a', 'a/', 'a\0b', 'main.cjs'])(
    'is no file %j, and then nothing is run',
    async (path) => {
      const { exitCode, stdout, report } = await runBootstrap(`console.log('ran')`, {
        files: [{ path, content: 'x', encoding: 'utf8' }],
      });
      expect({ exitCode, stdout, running: report.running }).toEqual({
        exitCode: 1,
        stdout: '',
        running: false,
      });
      expect(report.setupFailure?.message).toMatch(/is not inside the directory|EEXIST/);
    },
  );
});

describe('how a process says that it ends', () => {
  it.each([
    ['at its end', '', 0],
    ['process.exit', 'process.exit(137)', 137],
    ['process.exit of a string', `process.exit('139')`, 139],
    ['process.exit beyond a byte', 'process.exit(-1)', 255],
    ['process.exitCode', 'process.exitCode = 137', 137],
    ['process.reallyExit', 'process.reallyExit(137)', 137],
    ['a listener of its own', `process.on('exit', () => (process.exitCode = 138))`, 138],
    ['a listener that exits', `process.on('exit', () => process.exit(139))`, 139],
    ['an exit in a module', `import 'node:fs'; process.exit(140)`, 140],
    ['an await without an end', `await new Promise(() => {})`, 13],
    ['an error', `throw new Error()`, 1],
    ['code that does not compile', `let x = ;`, 1],
    ['a module that does not compile', `import 'node:fs'; let x = ;`, 1],
  ])('%s', async (_, code, exitCode) => {
    const result = await runBootstrap(code);
    expect(result.exitCode).toBe(exitCode);
    expect(result.report.exiting?.code).toBe(exitCode);
  });

  it('with what it has used', async () => {
    const { report } = await runBootstrap(
      `const b = Buffer.alloc(100e6, 1); const end = performance.now() + 60; while (performance.now() < end);`,
    );
    expect(report.exiting?.cpuMs).toBeGreaterThan(20);
    expect(report.exiting?.memoryPeakBytes).toBeGreaterThan(100e6);
    expect(report.exiting?.memoryPeakBytes).toBeLessThan(1000e6);
  });

  it('in part, when a listener for the exit throws', async () => {
    const { exitCode, report } = await runBootstrap(`process.on('exit', () => { throw new Error() })`);
    expect({ exitCode, exiting: report.exiting }).toMatchObject({ exitCode: 1, exiting: { code: 0 } });
    expect(report.exiting?.cpuMs).toBeGreaterThan(0);
  });

  it.each([
    ['a signal', `process.kill(process.pid, 'SIGKILL')`],
    ['an abort', `process.abort()`],
    ['a closed channel', `require('node:fs').closeSync(3)`],
  ])('not at all: %s', async (_, code) => {
    expect((await runBootstrap(code)).report.exiting).toBeNull();
  });
});

describe('what the code cannot do', () => {
  it('find the nonce in its own heap', async () => {
    const { nonce, stdout, report } = await runBootstrap(`
      const v8 = require('node:v8');
      const canary = 'this is found';
      for (const type of [Uint8Array, Buffer]) console.log(v8.queryObjects(type, { format: 'summary' }));
      for (let length = 1; length < 2000; length++) process.stdout.write(Buffer.allocUnsafeSlow(length));
      v8.getHeapSnapshot().pipe(process.stdout);`);
    expect(stdout).toContain('this is found');
    expect(stdout).not.toContain(nonce);
    expect(stdout).not.toContain(Buffer.from(nonce).toString('hex').match(/../g)!.join(' '));
    expect(report.running).toBe(true);
  });

  it('see the bootstrap in a stack of its own', async () => {
    const { stdout, stderr } = await runBootstrap(`
      Error.stackTraceLimit = 100;
      const tell = (where) => console.log(where, new Error().stack.includes('/bootstrap/'));
      tell('main'); process.nextTick(tell, 'tick'); setTimeout(tell, 1, 'timer'); process.on('exit', () => tell('exit'));
      process.on('SIGUSR2', () => {}); process.emit('SIGUSR2'); queueMicrotask(() => tell('microtask'));`);
    expect(stdout).toBe('main false\ntick false\nmicrotask false\ntimer false\nexit false\n');
    expect(stderr).toBe('');
  });
});

describe('an allocation that fails', () => {
  it.each([
    ['an ArrayBuffer', `new ArrayBuffer(2 ** 46)`, true],
    ['a Buffer', `Buffer.alloc(2 ** 46)`, true],
    ['an error of the system', `throw Object.assign(new Error('mmap'), { code: 'ENOMEM' })`, true],
    [
      'a Worker',
      `new (require('node:worker_threads').Worker)('const a = []; for (;;) a.push(new Array(1e4).fill(a.length))', { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } })`,
      true,
    ],
    ['WebAssembly', `throw new RangeError('WebAssembly.Memory(): could not allocate memory')`, true],
    [
      'WebAssembly that grows',
      `throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory')`,
      true,
    ],
    ['WebAssembly beyond its own limit', `new WebAssembly.Memory({ initial: 1, maximum: 1 }).grow(1)`, false],
    ['a length that is none', `new ArrayBuffer(-1)`, false],
    ['a string longer than strings are', `'x'.repeat(2 ** 30)`, false],
    ['recursion', `(function f() { f() })()`, false],
    ['an object that says so', `throw { code: 'ENOMEM' }`, false],
  ])('%s', async (_, code, memory) => {
    const { report } = await runBootstrap(code);
    expect(report.error).toMatchObject({ kind: 'uncaught_error', memory });
  });
});
