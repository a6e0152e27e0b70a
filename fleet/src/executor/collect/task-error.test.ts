import fc from 'fast-check';
import { expect, it } from 'vitest';
import { taskErrorSchema } from '@runfleet/shared/model/outcome.ts';
import type { ReportedError } from './report.ts';
import { toTaskError } from './task-error.ts';

const directory = '/var/lib/run fleet/attempt-Ab12';
const error = {
  name: 'Error',
  message: '',
  stack: null,
  line: null,
  column: null,
  located: true,
  cause: null,
};

it('calls the source main.js, and shows no path of the work directory', () => {
  const { message, stack } = toTaskError(
    {
      ...error,
      message: `Cannot find ${directory}/lib/a.js from file:///var/lib/run%20fleet/attempt-Ab12/main.mjs in ${directory}`,
      stack: [
        'Error: x',
        `    at a (${directory}/lib/a.js:1:2)`,
        `    at b (${directory}/main.cjs:3:4)`,
        '    at async file:///var/lib/run%20fleet/attempt-Ab12/main.mjs:5:6',
        '    at Module._compile (node:internal/modules/cjs/loader:1:1)',
        '    at main (/srv/runfleet/fleet/src/executor/bootstrap/bootstrap.cjs:1:1)',
        '    at readFileSync (node:fs:1:1)',
      ].join('\n'),
    },
    directory,
  );
  expect(message).toBe('Cannot find lib/a.js from main.js in .');
  expect(stack).toBe(
    'Error: x\n    at a (lib/a.js:1:2)\n    at b (main.js:3:4)\n    at async main.js:5:6\n    at readFileSync (node:fs:1:1)',
  );
});

it.each([
  [
    'the topmost frame of it',
    `    at a (${directory}/lib.js:1:1)\n    at b (${directory}/main.cjs:3:4)`,
    3,
    4,
  ],
  ['an eval in it', `    at eval (eval at f (${directory}/main.cjs:3:4), <anonymous>:1:7)`, 3, 4],
  ['no frame of it', `    at a (/elsewhere/main.js:3:4)`, null, null],
])('the place is %s', (_, frames, line, column) => {
  expect(toTaskError({ ...error, stack: `Error: x\n${frames}` }, directory)).toMatchObject({ line, column });
});

it('hides the bootstrap wherever it is, and nothing of the code that is called so', () => {
  const { stack } = toTaskError(
    {
      ...error,
      stack: `Error: x\n    at a (/runtime/bootstrap/report-exit.cjs:1:1)\n    at b (${directory}/bootstrap/a.cjs:2:2)`,
    },
    directory,
  );
  expect(stack).toBe('Error: x\n    at b (bootstrap/a.cjs:2:2)');
});

it('takes no other path for the work directory, however short that is', () => {
  const message =
    'file:///task/main.mjs in /task, /task/a, "/task/main.cjs", not /tasks, /tmp/task/a or http://a/task/main.mjs';
  expect(toTaskError({ ...error, message }, '/task').message).toBe(
    'main.js in ., a, "main.js", not /tasks, /tmp/task/a or http://a/task/main.mjs',
  );
});

it('takes the place from stderr when only that knows it', () => {
  const stderr = `${directory}/main.cjs:7\n  throw 'x'\n  ^\nx\n`;
  expect(toTaskError({ ...error, located: false }, directory, stderr)).toMatchObject({ line: 7, column: 3 });
  expect(toTaskError({ ...error, located: false }, directory)).toMatchObject({ line: null, column: null });
  expect(toTaskError(error, directory, stderr)).toMatchObject({ line: null, column: null });
});

it('maps causes likewise, as deep as the limit', () => {
  let cause: ReportedError | null = null;
  for (let at = 7; at > 0; at--) {
    cause = {
      ...error,
      message: `${directory}/main.cjs`,
      stack: `Error: x\n    at ${directory}/main.cjs:${at}:1`,
      cause,
    };
  }
  const lines: (number | null)[] = [];
  for (let at = toTaskError(cause!, directory).cause; at !== null; at = at.cause) {
    expect(at.message).toBe('main.js');
    lines.push(at.line);
  }
  expect(lines).toEqual([2, 3, 4, 5]);
});

it('finds the frames behind a long message', () => {
  const stack = `Error: ${'x'.repeat(30_000)}\n    at ${directory}/main.cjs:3:4`;
  const result = toTaskError({ ...error, stack }, directory);
  expect(result).toMatchObject({ line: 3, column: 4 });
  expect(result.stack).toMatch(/x\n\[…\]\nx+\n {4}at main\.js:3:4$/);
});

it('is within the limits and well-formed, whatever was reported', () => {
  const text = fc
    .tuple(fc.string(), fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }), fc.nat(5_000))
    .map(([start, units, times]) => start + String.fromCharCode(...units).repeat(times));
  fc.assert(
    fc.property(text, text, text, (name, message, stack) => {
      const result = toTaskError({ ...error, name, message, stack }, directory);
      expect(taskErrorSchema.parse(result)).toEqual(result);
      for (const field of [result.name, result.message, result.stack!]) {
        expect(field.isWellFormed() && !field.includes('\0')).toBe(true);
      }
    }),
  );
});
