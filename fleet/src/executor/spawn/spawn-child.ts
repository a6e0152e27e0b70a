import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Enclosure } from '../isolation/isolation.ts';

export interface ChildExit {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** By the monotonic clock. */
  atMs: number;
}

export interface Child {
  /** Also the id of its process group. */
  pid: number;
  exit: Promise<ChildExit>;
  /** Settles when the bootstrap waits for its frame: true; or when the child has ended instead: false. */
  ready: Promise<boolean>;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** The child's fd 3: the program goes in, reports come out. */
  channel: Duplex;
}

/**
 * Starts a Node that waits for its program on fd 3, as the leader of a process group of its own.
 * Rejects when the system refuses: no such file, no more processes or file descriptors.
 */
export async function spawnChild(enclosure: Enclosure): Promise<Child> {
  let spawned: ChildProcess;
  try {
    spawned = spawn(enclosure.command, enclosure.args, {
      cwd: enclosure.cwd,
      env: enclosure.environment,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', ...enclosure.descriptors],
    });
  } finally {
    for (const descriptor of enclosure.descriptors) closeSync(descriptor);
  }
  const exit = new Promise<ChildExit>((resolve) => {
    spawned.once('exit', (exitCode, signal) => resolve({ exitCode, signal, atMs: performance.now() }));
  });
  const pid = await started(spawned);
  const [stdin, stdout, stderr, channel] = spawned.stdio as unknown as [Writable, Readable, Readable, Duplex];
  // A write to a child that has ended fails; its exit says all there is to say.
  for (const stream of [stdin, stdout, stderr, channel]) stream.on('error', () => {});
  // Until it has a program, all that a bootstrap says is that it is ready for one.
  const ready = new Promise<boolean>((resolve) => {
    channel.once('data', () => resolve(true));
    void exit.then(() => resolve(false));
  });
  return { pid, exit, ready, stdin, stdout, stderr, channel };
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
