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
      cause: null,
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
    // Node prints where it was thrown, and nothing but that tells.
    expect(outcome.error).toEqual({
      name,
      message,
      stack: null,
      line: 1,
      column: code.indexOf('throw') + 1,
      cause: null,
    });
  });

  it('thrown in a module: a string, of which not even node knows the place', async () => {
    const outcome = await run(`import 'node:fs'; throw 'x'`);
    expect(outcome.error).toEqual({
      name: 'string',
      message: 'x',
      stack: null,
      line: null,
      column: null,
      cause: null,
    });
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

describe('where an error comes from', () => {
  it.each([
    ['a callback', `require('node:fs').stat('/', () => {\n  throw new TypeError('no');\n})`, 2, 9],
    ['a stream', `require('node:stream').Readable.from(['a']).on('data', () => {\n  null.x;\n})`, 2, 8],
    ['a microtask', `queueMicrotask(() => {\n  throw new TypeError('no');\n})`, 2, 9],
    ['a listener for the exit', `process.on('exit', () => {\n  throw new TypeError('no');\n})`, 2, 9],
    [
      'a Worker of the same file',
      `const w = require('node:worker_threads');\nif (w.isMainThread) new w.Worker(__filename);\nelse null.x;`,
      3,
      11,
    ],
    [
      'a Worker, TypeScript',
      `import { Worker } from 'node:worker_threads';\nconst code: string = 'null.x';\nnew Worker(code, { eval: true });`,
      null,
      null,
    ],
  ])('%s', async (_, code, line, column) => {
    const outcome = await run(code);
    expect(outcome).toMatchObject({ reason: 'uncaught_error', error: { name: 'TypeError', line, column } });
    for (const text of [outcome.error?.stack, outcome.stderr.text])
      expect(text).not.toMatch(/bootstrap|report/);
  });

  it.each([
    ['CommonJS', ''],
    ['a module', `import 'node:fs';`],
  ])('is told with its causes: %s', async (_, start) => {
    const outcome = await run(`${start}
      const root = new RangeError('root');
      throw new Error('top', { cause: new TypeError('middle', { cause: root }) });`);
    const { error } = outcome;
    expect(error).toMatchObject({
      message: 'top',
      line: 3,
      cause: {
        name: 'TypeError',
        line: 3,
        cause: { name: 'RangeError', message: 'root', line: 2, cause: null },
      },
    });
    expect(JSON.stringify(error)).not.toMatch(/attempt-|file:|node:internal/);
  });

  it.each([
    ['itself', `const e = new Error('a'); e.cause = e; throw e`, 1],
    ['a circle', `const a = new Error('a'), b = new Error('b', { cause: a }); a.cause = b; throw a`, 2],
    ['no end', `const f = (n) => new Error('e' + n, { cause: n ? f(n - 1) : 0 }); throw f(50)`, 5],
    [
      'one that ever makes another',
      `class E extends Error { get cause() { return new E('x') } } throw new E('x')`,
      5,
    ],
    ['a string', `throw new Error('a', { cause: 'because' })`, 2],
    [
      'one that cannot be had',
      `throw Object.defineProperty(new Error('a'), 'cause', { get() { throw 1 } })`,
      1,
    ],
    ['none', `throw new Error('a', { cause: undefined })`, 1],
  ])('has as its cause: %s', async (_, code, length) => {
    let errors = 0;
    for (let error = (await run(code)).error; error !== null; error = error.cause) errors++;
    expect(errors).toBe(length);
  });

  it('lists what an AggregateError holds', async () => {
    const { error } = await run(`
      await Promise.any([Promise.reject(new TypeError('one')), Promise.reject('two'), Promise.reject({ three: 3 })]);`);
    expect(error).toMatchObject({ name: 'AggregateError', cause: null });
    expect(error?.message).toBe("All promises were rejected\n- TypeError: one\n- 'two'\n- { three: 3 }");
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
