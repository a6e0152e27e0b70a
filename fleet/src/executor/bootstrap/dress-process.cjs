'use strict';

/** What the child keeps of the environment that it was started with: it says nothing about the worker. */
const kept = ['PATH', 'LANG', 'TZ'];

/** The code sees the process that `node <its file> …args` would have made, in the environment of its task. */
function dressProcess({ taskId, attempt, args, env }, file) {
  const directory = process.cwd();
  setEnvironment({
    ...Object.fromEntries(kept.map((name) => [name, process.env[name]])),
    HOME: directory,
    TMPDIR: directory,
    RUNFLEET_TASK_ID: taskId,
    RUNFLEET_ATTEMPT: String(attempt),
    ...env,
  });
  process.argv.splice(1, Infinity, file, ...args);
  process.execArgv = [];
  for (const path of Object.keys(require.cache)) delete require.cache[path];
  process.mainModule = undefined;
}

function setEnvironment(wanted) {
  for (const name of Object.keys(process.env)) {
    if (!Object.hasOwn(wanted, name)) delete process.env[name];
  }
  for (const [name, value] of Object.entries(wanted)) {
    // Setting TZ anew costs more than it seems, even to what it was.
    if (value !== undefined && process.env[name] !== value) process.env[name] = value;
  }
}

module.exports = { dressProcess };
