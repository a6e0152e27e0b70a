'use strict';

/**
 * What kind of program is this text? Its content alone decides, and the first that compiles is the answer:
 * CommonJS, ES module, then both again with TypeScript's types stripped. JavaScript comes first, so no JavaScript is
 * ever read as TypeScript. Compiling runs nothing.
 */
const { stripTypeScriptTypes } = require('node:module');
const vm = require('node:vm');

const { locateInModule, locateInStack } = require('./locate-syntax-error.cjs');

const wrapperParameters = ['exports', 'require', 'module', '__filename', '__dirname'];
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
    const failure = locateInStack(error, source);
    // This one has parsed to the end, and says what to do about it.
    return { syntaxError: error.code === unsupported ? failure : furthest([...plain.failures, failure]) };
  }
  const typed = compileJavaScript(stripped);
  return typed.format ? typed : { syntaxError: furthest([...plain.failures, ...typed.failures]) };
}

function compileJavaScript(source) {
  const commonjs = failureOf(() => vm.compileFunction(source, wrapperParameters, { filename: 'main.js' }));
  if (commonjs === null && !mayAwaitAtTopLevel(source)) return { format: 'commonjs', source };
  const module = failureOf(() => withoutWarnings(() => new vm.SourceTextModule(source)));
  if (module === null) return { format: 'module', source };
  if (commonjs === null) return { format: 'commonjs', source };

  const failures = [locateInStack(commonjs, source)];
  // The same complaint is about the same place.
  if (module.message !== commonjs.message) failures.push(locateInModule(module, source));
  return { failures };
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

function failureOf(compile) {
  try {
    compile();
    return null;
  } catch (error) {
    return error;
  }
}

/** The failure with the last position; of several there, the first, which is JavaScript's own. */
function furthest(failures) {
  return failures.reduce((best, next) => (isBeyond(next, best) ? next : best));
}

function isBeyond(one, other) {
  if (one.line === null || other.line === null) return one.line !== null;
  return one.line > other.line || (one.line === other.line && one.column > other.column);
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
