import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { reap, reapAndWait, type Reaper } from './reaper.ts';

export interface PartCommand {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Where its output goes. */
  logFile: string;
  /** How it is asked to end, and how long it may take before its whole process group is killed. */
  stopSignal?: NodeJS.Signals;
  stopTimeoutMs?: number;
}

export interface PartExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of the local stack, in a process group of its own. */
export interface Part {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Settles when it has ended, asked to or not, and nothing of its process group is left. */
  readonly exited: Promise<PartExit>;
  /** Ends it in order, and whatever it leaves behind. May be called again, and after it has ended. */
  stop(): Promise<PartExit>;
  signal(signal: NodeJS.Signals): void;
}

/**
 * Starts a part. Its group is its own, so that Ctrl-C reaches only the stack, which ends the parts in order; the reaper
 * ends it should the stack be killed.
 */
export function startPart(command: PartCommand, reaper: Reaper): Part {
  const { name, logFile, stopSignal = 'SIGTERM', stopTimeoutMs = 10_000 } = command;
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = spawn(command.command, command.args, {
    cwd: command.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
    uid: command.uid,
    gid: command.gid,
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });

  const exited = untilExit(child, log).then(async (exit) => {
    if (child.pid !== undefined) {
      await reapAndWait(child.pid);
      reaper.forget(child.pid);
    }
    return exit;
  });
  if (child.pid !== undefined) reaper.watch(child.pid);

  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    exited,
    signal: (signal) => void child.kill(signal),
    stop: () => stop(child, exited, stopSignal, stopTimeoutMs),
  };
}

function untilExit(child: ChildProcess, log: WriteStream): Promise<PartExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      log.end(`could not be started: ${error.message}\n`);
      resolve({ code: 127, signal: null });
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('close', () => log.end());
  });
}

async function stop(
  child: ChildProcess,
  exited: Promise<PartExit>,
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<PartExit> {
  child.kill(signal);
  const timer = setTimeout(() => child.pid !== undefined && reap(child.pid), timeoutMs);
  try {
    return await exited;
  } finally {
    clearTimeout(timer);
  }
}

/** The end of a part's log, for the message that says why it died. */
export function lastLines(logFile: string, count = 15): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
