'use strict';

/**
 * The first thing that runs in a child: `node bootstrap.cjs`, with the work directory as its cwd.
 *
 * It takes one frame from fd 3, finds out what kind of program the code is, writes it to the work directory and has
 * Node load it as if it had been started with it. What it reports goes out over fd 3 behind the frame's nonce.
 *
 * Everything here shares a realm with the code: the nonce lives in closures only, and whatever is used after the code
 * has started was captured before. Plain CommonJS with few requires, because every attempt pays for its start.
 */
const fs = require('node:fs');
const Module = require('node:module');

const { compileProgram } = require('./compile-program.cjs');
const { createReporter } = require('./report.cjs');
const { makeOutputBlocking } = require('./blocking-output.cjs');

const channel = 3;
const nonceBytes = 32;

main();

function main() {
  const { nonce, code } = readFrame();
  const reporter = createReporter(channel, nonce);
  try {
    const program = compileProgram(code);
    if (program.syntaxError) {
      reporter.syntaxError(program.syntaxError);
      fs.writeSync(2, printed(program.syntaxError));
      process.exit(1);
    }
    const file = `${process.cwd()}/${program.format === 'module' ? 'main.mjs' : 'main.cjs'}`;
    fs.writeFileSync(file, program.source, { mode: 0o600 });
    makeOutputBlocking();
    hideBootstrap(file);
    reporter.reportUncaught();
    reporter.running();
    // A tick of its own, so that no frame of ours is at the bottom of the code's stacks.
    process.nextTick(Module.runMain, file);
  } catch (error) {
    reporter.setupFailed(String(error));
    process.exit(1);
  }
}

/** The frame is: a big-endian uint32 of the bytes that follow, the nonce in ASCII, the code in UTF-8. */
function readFrame() {
  // Not from Buffer's pool, whose leftovers the code could look at.
  const frame = readExactly(readExactly(4).readUInt32BE(0));
  const nonce = frame.latin1Slice(0, nonceBytes);
  const code = frame.utf8Slice(nonceBytes);
  frame.fill(0);
  return { nonce, code };
}

function readExactly(length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const count = fs.readSync(channel, bytes, at, length - at, null);
    // The worker is gone, and with it whoever wants to know how this ends.
    if (count === 0) process.exit(1);
    at += count;
  }
  return bytes;
}

/** As Node prints it for a file that does not compile. */
function printed({ name, message, line, sourceLine, caret }) {
  const place = line === null ? '' : `main.js:${line}\n${sourceLine}\n${caret}\n\n`;
  return `${place}${name}: ${message}\n\nNode.js ${process.version}\n`;
}

/** The code sees the process that `node <its file>` would have made. */
function hideBootstrap(file) {
  process.argv[1] = file;
  process.execArgv = [];
  for (const path of Object.keys(require.cache)) delete require.cache[path];
  process.mainModule = undefined;
}
