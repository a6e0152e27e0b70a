'use strict';

/**
 * Where in the source a parse failed. V8 and the type stripper say so only in the text before the error's stack:
 *
 *   file:LINE
 *   source lines, with carets below the one that is meant, or `  > ` before the first and last of several
 *
 *   SyntaxError: …
 *
 * @returns {{name: string, message: string, line: number | null, column: number | null, offset: number, sourceLine: string, caret: string}}
 */
function locate(error, source) {
  return { name: 'SyntaxError', message: error.message, ...findPlace(error.stack, source) };
}

function findPlace(text, source) {
  const header = /^[^\n]*:(\d+)\n/.exec(text);
  if (!header) return { line: null, column: null, offset: 0, sourceLine: '', caret: '' };
  const line = Number(header[1]);
  const { start, sourceLine } = findLine(source, line);

  const shown = text
    .slice(header[0].length)
    .split(/^\w*Error\b/m)[0]
    .split('\n');
  const carets = shown.find((shownLine) => /^[ \t]*\^+$/.test(shownLine));
  if (carets !== undefined) {
    const column = carets.indexOf('^') + 1;
    return { line, column, offset: start + column - 1, sourceLine, caret: carets };
  }
  // Several lines are meant, from the first one's start; or nothing is, because the source has ended.
  const isSpan = shown.some((shownLine) => shownLine.startsWith('  > '));
  const column = (isSpan ? /^\s*/.exec(sourceLine)[0].length : sourceLine.length) + 1;
  return { line, column, offset: start + column - 1, sourceLine, caret: `${' '.repeat(column - 1)}^` };
}

function findLine(source, line) {
  let start = 0;
  const lineEnds = /\r\n|[\n\r\u2028\u2029]/g;
  for (let at = 1; at < line && lineEnds.exec(source) !== null; at++) start = lineEnds.lastIndex;
  return { start, sourceLine: /^.*/.exec(source.slice(start))[0] };
}

function isBeyond(one, other) {
  if (one.line === null || other.line === null) return one.line !== null;
  return one.line > other.line || (one.line === other.line && one.column > other.column);
}

module.exports = { isBeyond, locate };
