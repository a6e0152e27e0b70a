'use strict';

/**
 * The first thing that runs in a child: `node bootstrap.cjs`, with the work directory as its cwd.
 *
 *   warm up → `ready` → wait for the frame → dress the process → files → compile → run
 *
 * It is started ahead of time, knows of no task until the frame comes over fd 3, and blocks until then. So whatever
 * can be done before is done before. The program is then written to the work directory, and Node loads it as if it had
 * been started with it. What is reported goes out over fd 3 behind the frame's nonce.
 *
 * Everything here shares a realm with the code: the nonce lives in a closure only, and whatever is used after the code
 * has started was captured before. Plain CommonJS with few requires, because every attempt pays for its start.
 */
const fs = require('node:fs');
const Module = require('node:module');

const { makeOutputBlocking } = require('./blocking-output.cjs');
const { compileProgram } = require('./compile-program.cjs');
const { dressProcess } = require('./dress-process.cjs');
const { placeFiles } = require('./place-files.cjs');
const { watchProgramValue } = require('./program-value.cjs');
const { readFrame } = require('./read-frame.cjs');
const { reportExit } = require('./report-exit.cjs');
const { createReporter } = require('./report.cjs');
const { reportUncaught } = require('./report-uncaught.cjs');
const { warmUp } = require('./warm-up.cjs');

const channel = 3;

makeOutputBlocking();
warmUp();
main();

function main() {
  fs.writeSync(channel, 'ready\n');
  const { nonce, task } = readFrame(channel);
  const report = createReporter(channel, nonce);
  const watchedForValue = reportExit(report);
  try {
    const program = compileProgram(task.code);
    if (program.syntaxError) return failToCompile(program.syntaxError, report);

    const file = `${process.cwd()}/${program.format === 'module' ? 'main.mjs' : 'main.cjs'}`;
    placeFiles(task.files);
    fs.writeFileSync(file, program.source, { mode: 0o600, flag: 'wx' });
    dressProcess(task, file);
    const value = watchProgramValue(program, file);
    watchedForValue(value);
    reportUncaught(report);
    report({ kind: 'running' });
    // A tick of its own, so that no frame of ours is at the bottom of the code's stacks.
    process.nextTick(Module.runMain, file);
    process.nextTick(value.started);
  } catch (error) {
    report({ kind: 'setup_failed', message: String(error), code: error.code });
    process.exit(1);
  }
}

function failToCompile({ thrown, ...error }, report) {
  const { name, message, line, column } = error;
  report({
    kind: 'syntax_error',
    error: { name, message, stack: null, line, column, located: thrown === undefined, cause: null },
  });
  if (thrown === undefined) {
    fs.writeSync(2, printed(error));
    process.exit(1);
  }
  // Node knows the place and tells nobody, but prints it when it dies of the error.
  process.nextTick(() => {
    throw thrown;
  });
}

/** As Node prints it for a file that does not compile. */
function printed({ name, message, line, sourceLine, caret }) {
  const place = line === null ? '' : `main.js:${line}\n${sourceLine}\n${caret}\n\n`;
  return `${place}${name}: ${message}\n\nNode.js ${process.version}\n`;
}
