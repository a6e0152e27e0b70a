'use strict';

/**
 * What kind of program is this text? Its content alone decides, and the first that compiles is the answer:
 * CommonJS, ES module, then both again with TypeScript's types stripped. JavaScript comes first, so no JavaScript is
 * ever read as TypeScript. Compiling runs nothing.
 *
 * Of several failures the one furthest into the source is shown: the reading that came that far was the right one.
 */
const { stripTypeScriptTypes } = require('node:module');
const vm = require('node:vm');

const { isBeyond, locate } = require('./locate-syntax-error.cjs');

const wrapperParameters = ['exports', 'require', 'module', '__filename', '__dirname'];
const filename = 'main.js';
const unsupported = 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';

/** @returns {{format: 'commonjs' | 'module', source: string} | {syntaxError: object}} */
function compileProgram(code) {
  // Node skips a byte order mark as well, and it is no column of the first line.
  const source = code.charCodeAt(0) === 0xfeff ? code.slice(1) : code;
  const plain = compileJavaScript(source);
  if (plain.format) return plain;

  let stripped;
  try {
    stripped = withoutWarnings(() => stripTypeScriptTypes(source, { mode: 'strip' }));
  } catch (error) {
    const failure = locate(error, source);
    // This one has parsed to the end, and says what to do about it.
    if (error.code === unsupported) return { syntaxError: failure };
    return { syntaxError: furthest([plain.syntaxError, failure], source) };
  }
  // The types were right, so whatever is wrong is not that there are any.
  return compileJavaScript(stripped);
}

function compileJavaScript(source) {
  const commonjs = failureOf(() => vm.compileFunction(source, wrapperParameters, { filename }));
  if (commonjs === null && !mayAwaitAtTopLevel(source)) return { format: 'commonjs', source };
  const module = failureOfModule(source);
  if (module === null) return { format: 'module', source };
  if (commonjs === null) return { format: 'commonjs', source };

  const failure = locate(commonjs, source);
  // The same complaint is about the same place.
  if (module.message === commonjs.message) return { syntaxError: failure };
  return { syntaxError: furthest([unlocated(module), failure], source) };
}

/** Of two that are equally far, the first. */
function furthest([first, second], source) {
  const isSecond = first.thrown === undefined ? isBeyond(second, first) : failsBefore(first, second, source);
  return isSecond ? second : first;
}

/**
 * Where a module fails V8 does not tell a program. But its failure is there already in the text that ends where
 * another failure is, or it is not.
 */
function failsBefore({ message }, { line, offset }, source) {
  if (line === null || message === 'Unexpected end of input') return false;
  return failureOfModule(source.slice(0, offset))?.message === message;
}

function unlocated(error) {
  // As much of its stack as makes Node print it as an error.
  error.stack = `SyntaxError: ${error.message}\n    at compileSourceTextModule (node:internal/modules/esm/utils)`;
  return { name: 'SyntaxError', message: error.message, line: null, column: null, thrown: error };
}

/**
 * `await (…)` and `await […]` are a call and a member access in CommonJS, where nobody means them. A static block
 * forbids exactly such an `await`, and no other.
 */
function mayAwaitAtTopLevel(source) {
  if (!/\bawait\b/.test(source)) return false;
  const body = source.startsWith('#!') ? `//${source}` : source;
  return (
    failureOf(() => new vm.Script(`class _ { static { ${body}\n} }`))?.message === 'Unexpected reserved word'
  );
}

function failureOfModule(source) {
  return failureOf(() => withoutWarnings(() => new vm.SourceTextModule(source, { identifier: filename })));
}

function failureOf(compile) {
  try {
    compile();
    return null;
  } catch (error) {
    return error;
  }
}

/** The warnings that these two features are experimental are about our use of them, not the code's. */
function withoutWarnings(run) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return run();
  } finally {
    process.emitWarning = emitWarning;
  }
}

module.exports = { compileProgram };
