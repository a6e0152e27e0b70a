'use strict';

// Captured now: by the time of a report the code may have replaced any of them.
const cpuUsage = process.cpuUsage.bind(process);
const resourceUsage = process.resourceUsage.bind(process);
const call = Function.prototype.call.bind(Function.prototype.call);

/**
 * Reports, when the process ends by itself, the program's value, and as late as possible how it ends and what it has
 * used since this was called. Each report of the end replaces the one before.
 *
 *   beforeExit   `last` is put behind the code's own listeners for the exit
 *   exit         first: exiting, and the value when there is no `last`; …; last: value, exiting
 *   reallyExit   exiting, with what the code's last listeners have made of the exit code
 *
 * A process that a signal ends reports nothing here, which is how the worker tells SIGKILL from `exit(137)`.
 *
 * @returns what to tell the watcher of the program's value to, once there is a program
 */
function reportExit(report) {
  const cpuBefore = cpuUsage();
  let programValue = null;
  let hasLast = false;

  function reportExiting(code) {
    const { user, system } = cpuUsage(cpuBefore);
    report({
      kind: 'exiting',
      // What the system keeps of it.
      code: code & 0xff,
      cpuMs: (user + system) / 1000,
      memoryPeakBytes: resourceUsage().maxRSS * 1024,
    });
  }
  function reportValue() {
    const value = programValue?.read() ?? null;
    programValue = null;
    if (value !== null) report({ kind: 'value', value });
  }
  function first(code) {
    if (!hasLast) reportValue();
    reportExiting(process.exitCode ?? code);
  }
  function last(code) {
    reportValue();
    reportExiting(process.exitCode ?? code);
  }

  process.on('exit', first);
  process.on('beforeExit', () => {
    programValue?.drained();
    process.off('exit', last);
    process.on('exit', last);
    hasLast = true;
  });
  const { reallyExit } = process;
  process.reallyExit = (code) => {
    reportExiting(code ?? 0);
    call(reallyExit, process, code);
  };
  return (value) => (programValue = value);
}

module.exports = { reportExit };
