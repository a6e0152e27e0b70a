import { expect, it } from 'vitest';
import { locateInStderr } from './locate-in-stderr.ts';

it.each([
  ['of a module', `main.js:2\n let x = 1 +* 2;\n            ^\n\nSyntaxError: no`, 2, 13],
  [
    'of a module by its path',
    `file:///tmp/attempt-a/main.mjs:1\nlet x = ;\n        ^\n\nSyntaxError: no`,
    1,
    9,
  ],
  [`of what was thrown`, `/task/main.cjs:12\n\tthrow 'x'\n\t^\nx\n(Use …)`, 12, 2],
  ['under several characters', `main.js:1\nlet foo = foo bar\n              ^^^\n`, 1, 15],
  ['at the end of the source', `main.js:2\nif (fs) {\n         \n\nSyntaxError: no`, 2, 10],
  ['with other line ends', `main.js:3\r\na b\r\n  ^\r\n`, 3, 3],
  ['behind what the code printed', `hello\nmain.js:1\na\n^\nmain.js:2\n bb\n ^\n`, 2, 2],
])('finds the place %s', (_, text, line, column) => {
  expect(locateInStderr(text)).toEqual({ line, column });
});

it.each([
  ['nothing', ''],
  ['another file', `/task/lib.cjs:1\na\n^\n`],
  ['a file whose name ends so', `/task/domain.js:1\na\n^\n`],
  ['node itself', `node:internal/modules/run_main:107\n    triggerUncaughtException(\n    ^\nx`],
  ['a frame', `    at f (/task/main.cjs:1:2)\n    at g\n\n`],
  ['a print that is cut off', `main.js:2\nlet x`],
])('finds none in %s', (_, text) => {
  expect(locateInStderr(text)).toBeNull();
});
