'use strict';

/**
 * Where in the source a parse failed. V8 and the type stripper say so only in the text that Node prints:
 *
 *   file:LINE
 *   source lines, with carets below the one that is meant, or `  > ` before the first and last of several
 *
 *   SyntaxError: …
 */

/** @returns {{name: string, message: string, line: number | null, column: number | null, sourceLine: string, caret: string}} */
function locateInStack(error, source) {
  return { name: 'SyntaxError', message: error.message, ...findPlace(error.stack, source) };
}

/**
 * Of a module that does not compile, Node keeps the place to itself until it dies of it. So have a second Node die of
 * it: 25 ms, for code with a syntax error only. It compiles and runs nothing. Where processes cannot be started, the
 * place stays unknown.
 */
function locateInModule(error, source) {
  const { spawnSync } = require('node:child_process');
  const check = spawnSync(process.execPath, ['--check', '--input-type=module', '-'], {
    input: source,
    env: {},
    encoding: 'utf8',
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  return { name: 'SyntaxError', message: error.message, ...findPlace(check.stderr ?? '', source) };
}

function findPlace(text, source) {
  const header = /^[^\n]*:(\d+)\n/.exec(text);
  if (!header) return { line: null, column: null, sourceLine: '', caret: '' };
  const line = Number(header[1]);
  const sourceLine = source.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? '';

  const shown = text
    .slice(header[0].length)
    .split(/^\w*Error\b/m)[0]
    .split('\n');
  const carets = shown.find((shownLine) => /^[ \t]*\^+$/.test(shownLine));
  if (carets !== undefined) return { line, column: carets.indexOf('^') + 1, sourceLine, caret: carets };
  // Several lines are meant, from the first one's start; or nothing is, because the source has ended.
  const isSpan = shown.some((shownLine) => shownLine.startsWith('  > '));
  const column = (isSpan ? /^\s*/.exec(sourceLine)[0].length : sourceLine.length) + 1;
  return { line, column, sourceLine, caret: `${' '.repeat(column - 1)}^` };
}

module.exports = { locateInModule, locateInStack };
