import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Duplex, Readable } from 'node:stream';

const bootstrapPath = fileURLToPath(new URL('../bootstrap/bootstrap.cjs', import.meta.url));

/** The bootstrap compiles ES modules without running them, which Node has behind this flag only. */
const nodeFlags = ['--experimental-vm-modules'];

export interface ChildExit {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** From the child's start to its end, by the monotonic clock. */
  durationMs: number;
}

export interface Child {
  /** Also the id of its process group. */
  pid: number;
  exit: Promise<ChildExit>;
  stdout: Readable;
  stderr: Readable;
  /** The child's fd 3: the program goes in, reports come out. */
  channel: Duplex;
}

export interface SpawnOptions {
  nodePath: string;
  directory: string;
  environment: Record<string, string>;
}

/**
 * Starts a Node that waits for its program on fd 3, as the leader of a process group of its own.
 * Rejects when the system refuses: no such file, no more processes or file descriptors.
 */
export async function spawnChild({ nodePath, directory, environment }: SpawnOptions): Promise<Child> {
  const startedAt = performance.now();
  const spawned = spawn(nodePath, [...nodeFlags, bootstrapPath], {
    cwd: directory,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const exit = new Promise<ChildExit>((resolve) => {
    spawned.once('exit', (exitCode, signal) => {
      resolve({ exitCode, signal, durationMs: Math.round(performance.now() - startedAt) });
    });
  });
  const pid = await started(spawned);
  const [, stdout, stderr, channel] = spawned.stdio;
  // A write to a child that has ended fails; its exit says all there is to say.
  for (const stream of [stdout, stderr, channel]) stream?.on('error', () => {});
  return { pid, exit, stdout: stdout as Readable, stderr: stderr as Readable, channel: channel as Duplex };
}

function started(spawned: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    spawned.once('error', (error) => {
      for (const stream of spawned.stdio ?? []) stream?.destroy();
      reject(error);
    });
    const { pid } = spawned;
    // Decided synchronously: a listener for data must be there before the next turn of the event loop.
    if (pid !== undefined) resolve(pid);
  });
}
