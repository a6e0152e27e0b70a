import { describe, expect, it } from 'vitest';
import { executorUnderTest } from './testing/executor-under-test.ts';

const { run } = executorUnderTest();

describe('what kind of program it is, its content decides', () => {
  it.each([
    [
      'CommonJS',
      `console.log(typeof require('node:fs').readFileSync, require.main === module)`,
      'function true\n',
    ],
    ['CommonJS with a top-level return', `console.log(1); return; console.log(2)`, '1\n'],
    ['sloppy mode', `var o = { a: 1 }; with (o) { console.log(a, 010) }`, '1 8\n'],
    ['an ES module', `import { basename } from 'node:path'; console.log(basename('/a/b'))`, 'b\n'],
    ['import.meta', `console.log(import.meta.main, import.meta.filename === process.argv[1])`, 'true true\n'],
    ['top-level await', `const x = await Promise.resolve(3); console.log(x)`, '3\n'],
    ['await of a parenthesis', `await (async () => console.log('in'))(); console.log('out')`, 'in\nout\n'],
    [
      'await in an async function',
      `async function f() { console.log(await (1), typeof require) } f()`,
      '1 function\n',
    ],
    ['await as a name', `const await = (x) => x; console.log(await (2))`, '2\n'],
    ['dynamic import', `import('node:os').then((os) => console.log(typeof os.cpus))`, 'function\n'],
    [
      'a name of the wrapper, in a module',
      `import m from 'node:module'; const require = m.createRequire(import.meta.url); console.log(typeof require('fs'))`,
      'object\n',
    ],
    ['TypeScript', `interface A { a: number }\nconst x: A = { a: 1 };\nconsole.log(x.a as number)`, '1\n'],
    [
      'TypeScript, CommonJS',
      `const fs: typeof import('fs') = require('fs'); console.log(typeof fs)`,
      'object\n',
    ],
    [
      'TypeScript, module',
      `import type { A } from './a.ts';\nimport fs from 'node:fs';\nconsole.log(typeof (fs satisfies object))`,
      'object\n',
    ],
    ['TypeScript, top-level await', `const x: number = await Promise.resolve(4); console.log(x!)`, '4\n'],
    [
      'comparisons that look like type arguments',
      `const f = 1, T = 2, x = 3; console.log(f<T>(x), f < T > x)`,
      'false false\n',
    ],
    ['a byte order mark', `\uFEFFconsole.log(1)`, '1\n'],
    ['a #! line', `#!/usr/bin/env node\nconsole.log(1)`, '1\n'],
    [
      'a byte order mark and a #! line, in a module',
      `\uFEFF#!/usr/bin/env node\nimport 'node:fs'; console.log(1)`,
      '1\n',
    ],
    ['a #! line and TypeScript', `#!/usr/bin/env node\nlet a: number = 1; console.log(a)`, '1\n'],
    ['nothing', '', ''],
    ['a comment', '// nothing', ''],
  ])('%s', async (_, code, stdout) => {
    const outcome = await run(code);
    expect(outcome.stderr.text).toBe('');
    expect(outcome).toMatchObject({ reason: 'ok', exitCode: 0, signal: null, error: null });
    expect(outcome.stdout.text).toBe(stdout);
  });

  it('runs a file of its own, as node would', async () => {
    const outcome = await run(`
      const { dirname, basename } = require('node:path');
      console.log(JSON.stringify([
        process.argv.length, process.argv[1] === __filename, dirname(__filename) === process.cwd(), basename(__filename),
        process.execArgv, Object.keys(require.cache).length, module.id, process.mainModule === module,
      ]))`);
    expect(JSON.parse(outcome.stdout.text)).toEqual([2, true, true, 'main.cjs', [], 1, '.', true]);
  });

  it('resolves what lies beside it', async () => {
    const outcome = await run(`
      require('node:fs').writeFileSync('lib.mjs', 'export const a = 5');
      import('./lib.mjs').then(({ a }) => console.log(a, require('./lib.mjs').a))`);
    expect(outcome.stdout.text).toBe('5 5\n');
  });
});

describe('code that does not compile', () => {
  it.each([
    ['CommonJS', 'const a = 1;\nlet x = ;', "Unexpected token ';'", 2, 9],
    ['behind an import', `import fs from 'node:fs';\n let x = 1 +* 2;`, "Unexpected token '*'", 2, 13],
    ['behind top-level await', `await 1;\nlet x = 1 +* 2;`, "Unexpected token '*'", 2, 12],
    ['a name declared twice', 'let a;\nlet a;', "Identifier 'a' has already been declared", 2, 5],
    [
      'a name declared twice, in TypeScript',
      'let a: number;\nlet a;',
      "Identifier 'a' has already been declared",
      2,
      5,
    ],
    ['an enum', 'const a = 1;\nenum A { B }', 'TypeScript enum is not supported in strip-only mode', 2, 1],
    [
      'a namespace',
      'namespace N { export const a = 1 }',
      expect.stringContaining('not supported in strip-only mode'),
      1,
      1,
    ],
    [
      'a parameter property',
      'class A {\n  constructor(private a: number) {}\n}',
      expect.stringContaining('not supported in strip-only mode'),
      2,
      23,
    ],
    [
      'TypeScript, cut off',
      'interface A { a: number }\nfunction f(a: number) {\n',
      expect.any(String),
      2,
      24,
    ],
    [
      'an enum of several lines',
      'const a = 1;\n  enum A {\n  B,\n}',
      'TypeScript enum is not supported in strip-only mode',
      2,
      3,
    ],
    ['at its end', 'const a = {\n  b: 1', 'Unexpected end of input', 2, 7],
    ['behind a byte order mark', '\uFEFFlet x = ;', "Unexpected token ';'", 1, 9],
    ['prose', 'Sure! Here is the code:', expect.any(String), 1, 7],
    [
      'await within a call, and later',
      `console.log(await f());\nlet x = 1 +* 2;`,
      "Unexpected token '*'",
      2,
      12,
    ],
    ['what only a module forbids, and later', `return 1;\nlet x = ;`, "Unexpected token ';'", 2, 9],
    ['an import without an end', `import fs from 'node:fs';\nif (fs) {`, 'Unexpected end of input', 2, 10],
    ['an export of nothing', `const a = 1;\nexport { b };`, "Export 'b' is not defined in module", 2, 10],
    [
      'TypeScript, module',
      `import fs from 'node:fs';\nconst a: number = 1;\nlet x: number = 1 +* 2;`,
      expect.any(String),
      3,
      expect.any(Number),
    ],
    [
      'a name declared twice, in TypeScript and a module',
      `import 'node:fs';\nlet a: number;\nlet a;`,
      "Identifier 'a' has already been declared",
      3,
      5,
    ],
    ['a line separator', `import 'node:fs';\u2028let x = ;`, "Unexpected token ';'", 2, 9],
  ])('%s', async (_, code, message, line, column) => {
    const outcome = await run(code);
    expect(outcome).toMatchObject({ reason: 'syntax_error', exitCode: 1, stdout: { text: '' } });
    expect(outcome.error).toEqual({ name: 'SyntaxError', message, stack: null, line, column, cause: null });
    expect(outcome.stderr.text).toContain(`main.js:${line}\n`);
    expect(outcome.stderr.text).toContain(`SyntaxError: ${outcome.error?.message}`);
  });

  it('prints the place as node does', async () => {
    const outcome = await run('const a = 1;\nlet x = ;');
    expect(outcome.stderr.text).toMatch(
      /^main\.js:2\nlet x = ;\n {8}\^\n\nSyntaxError: Unexpected token ';'\n\nNode\.js v\d+\.\d+\.\d+\n$/,
    );
  });

  it('runs none of it', async () => {
    const outcome = await run(`console.log('ran');\nimport 'node:fs';\nlet x = ;`);
    expect(outcome).toMatchObject({ reason: 'syntax_error', stdout: { bytes: 0 } });
  });
});
