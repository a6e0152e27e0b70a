import { describe, expect, it } from 'vitest';
import { executorUnderTest } from './testing/executor-under-test.ts';

const { run } = executorUnderTest();

describe('errors that nothing handles', () => {
  it.each([
    ['CommonJS', `const a = 1;\n  throw new TypeError('no')`, 2, 9],
    ['on the first line, where node has its wrapper', `throw new TypeError('no')`, 1, 7],
    ['a module', `import 'node:fs';\n\n throw new TypeError('no')`, 3, 8],
    ['TypeScript', `const a: number = 1; throw new TypeError('no')`, 1, 28],
    ['a function of it', `function f() {\n  throw new TypeError('no');\n}\nf();`, 2, 9],
    ['a timer', `setTimeout(() => {\n  throw new TypeError('no');\n})`, 2, 9],
    ['a rejection', `async function f() {\n  throw new TypeError('no');\n}\nf();`, 2, 9],
    ['top-level await', `await Promise.reject(new TypeError('no'))`, 1, 22],
    ['a call into node', `\nrequire('node:fs').readFileSync(null)`, 2, 20],
  ])('%s', async (_, code, line, column) => {
    const outcome = await run(code);
    expect(outcome).toMatchObject({ reason: 'uncaught_error', exitCode: 1, signal: null });
    expect(outcome.error).toMatchObject({ name: 'TypeError', line, column });
    expect(outcome.error?.stack).toContain(`main.js:${line}:${column}`);
    expect(outcome.error?.stack).not.toMatch(/node:internal|attempt-|bootstrap|file:/);
    expect(outcome.stderr.text).toContain('TypeError');
  });

  it('gives the whole error', async () => {
    const outcome = await run(`function f() {\n  throw new RangeError('too far');\n}\nf();`);
    expect(outcome.error).toEqual({
      name: 'RangeError',
      message: 'too far',
      stack: 'RangeError: too far\n    at f (main.js:2:9)\n    at Object.<anonymous> (main.js:4:1)',
      line: 2,
      column: 9,
    });
  });

  it.each([
    ['a string', `throw 'x'`, 'string', 'x'],
    ['null', `throw null`, 'null', 'null'],
    ['undefined', `throw undefined`, 'undefined', 'undefined'],
    ['a number', `throw 3`, 'number', '3'],
    ['a symbol', `throw Symbol('s')`, 'symbol', 'Symbol(s)'],
    ['an object', `throw { a: 1 }`, 'Object', '{ a: 1 }'],
    ['an object without a prototype', `throw Object.create(null)`, 'Object', '[Object: null prototype] {}'],
    ['a function', `throw function f() {}`, 'Function', '[Function: f]'],
    ['a string in a module', `import 'node:fs'; throw 'x'`, 'string', 'x'],
    [
      'a proxy that refuses',
      `throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 1 } })`,
      'Object',
      '{}',
    ],
    [
      'a revoked proxy',
      `const p = Proxy.revocable({}, {}); p.revoke(); throw p.proxy`,
      'Object',
      expect.any(String),
    ],
    [
      'a hostile stack',
      `throw { get stack() { throw 1 }, get constructor() { throw 2 }, toString() { throw 3 } }`,
      'Object',
      expect.any(String),
    ],
  ])('thrown: %s', async (_, code, name, message) => {
    const outcome = await run(code);
    expect(outcome.reason).toBe('uncaught_error');
    expect(outcome.error).toEqual({ name, message, stack: null, line: null, column: null });
  });

  it('is an error whose getters throw', async () => {
    const outcome = await run(`
      const error = new Error('x');
      for (const key of ['name', 'message']) Object.defineProperty(error, key, { get() { throw new Error(key) } });
      throw error;`);
    expect(outcome).toMatchObject({
      reason: 'uncaught_error',
      error: { name: 'Error', message: '[object Error]', line: null },
    });
  });

  it('is a rejection with no error, in the words of node', async () => {
    const outcome = await run(`Promise.reject('x')`);
    expect(outcome).toMatchObject({
      reason: 'uncaught_error',
      error: { name: 'UnhandledPromiseRejection', line: null },
    });
    expect(outcome.error?.message).toMatch(/The promise rejected with the reason "x"/);
  });

  it('names a module that is not there without the way to it', async () => {
    const outcome = await run(`import 'no-such-package'`);
    expect(outcome.error).toMatchObject({
      name: 'Error',
      message: "Cannot find package 'no-such-package' imported from main.js",
    });
  });

  it('finds the place of an export that is not there', async () => {
    const outcome = await run(`\nimport { nope } from 'node:fs'`);
    expect(outcome).toMatchObject({
      reason: 'uncaught_error',
      error: { name: 'SyntaxError', line: 2, column: 10 },
    });
  });

  it('has no text that a database refuses, and no more than its limits', async () => {
    const outcome = await run(`
      const error = new Error('\\0\\ud800' + 'm'.repeat(1e6));
      error.name = 'n'.repeat(1e6);
      throw error;`);
    expect(outcome.error?.message).toHaveLength(8 * 1024);
    expect(outcome.error?.message.slice(0, 3)).toBe('\ufffd\ufffdm');
    expect(outcome.error?.name).toHaveLength(256);
    expect(outcome.error?.stack?.length).toBeLessThanOrEqual(16 * 1024);
    expect(outcome.error).toMatchObject({ line: 2, column: 21 });
  });

  it('survives code that replaces what the report is made with', async () => {
    const outcome = await run(`
      JSON.stringify = String.prototype.slice = Function.prototype.call = () => { throw 1 };
      process.listenerCount = () => 7;
      require('node:fs').writeSync = () => { throw 1 };
      throw new Error('still told');`);
    expect(outcome).toMatchObject({ reason: 'uncaught_error', error: { message: 'still told' } });
  });
});

describe('errors that the code handles itself', () => {
  it.each([
    ['uncaughtException', `process.on('uncaughtException', () => process.exit(3)); throw new Error()`],
    [
      'unhandledRejection',
      `process.on('unhandledRejection', () => process.exit(3)); Promise.reject(new Error())`,
    ],
    [
      'a capture callback',
      `process.setUncaughtExceptionCaptureCallback(() => process.exit(3)); throw new Error()`,
    ],
  ])('%s', async (_, code) => {
    expect(await run(code)).toMatchObject({ reason: 'exit_code', exitCode: 3, error: null });
  });

  it('and goes on', async () => {
    const outcome = await run(
      `process.on('uncaughtException', (e) => console.log(e.message)); throw new Error('caught')`,
    );
    expect(outcome).toMatchObject({ reason: 'ok', stdout: { text: 'caught\n' } });
  });
});
