import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeDelegation } from '../cgroup/delegation.ts';
import { createExecutor } from '../index.ts';
import { runCanaries, type CanaryResult } from './canaries.ts';
import type { Isolation, Surroundings } from './isolation.ts';
import { processLevel } from './process-level.ts';
import { sandboxLevel } from './sandbox-level.ts';
import { seccompFilter } from './seccomp-filter.ts';

export type Detected =
  | { isolation: Isolation; missing: null }
  /** Why the level cannot be had here, and the command that mends it where there is one. */
  | { isolation: null; missing: string; remedy: string | null };

/**
 * Finds out whether children can be put into the sandbox here, by putting canaries into it that try to get out.
 * Versions and settings are only looked at to explain why not.
 */
export async function detectSandbox(
  nodePath: string = process.execPath,
  writable: readonly string[] = [],
): Promise<Detected> {
  if (process.platform !== 'linux') return absent('the sandbox needs Linux', null);
  if (!runs('bwrap', ['--version'])) {
    return absent('bubblewrap (bwrap) is not installed', 'apt-get install bubblewrap');
  }
  if (!runs('prlimit', ['--version']))
    return absent('prlimit is not installed', 'apt-get install util-linux');
  const filter = seccompFilter();
  if (filter === null) return absent(`there is no system-call filter for ${process.arch}`, null);
  const probe = spawnSync('bwrap', ['--unshare-all', '--unshare-user', '--ro-bind', '/', '/', 'true'], {
    encoding: 'utf8',
  });
  if (probe.status !== 0) {
    return absent(
      `bubblewrap cannot make namespaces here: ${probe.stderr.trim()}`,
      'sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000',
    );
  }
  const isolation = sandboxLevel(nodePath, filter, surroundings(writable));
  const escapes = (await tryCanaries(isolation)).filter(({ escape }) => escape !== null);
  if (escapes.length > 0) {
    const ways = Map.groupBy(escapes, ({ escape }) => escape);
    const told = [...ways].map(([how, walls]) => `${walls.map(({ wall }) => wall).join(', ')} (${how})`);
    return absent(`canaries got out: ${told.join('; ')}`, null);
  }
  return { isolation, missing: null };
}

/** The level that can be had everywhere, with as much of it as the host offers. */
export function detectProcess(
  nodePath: string = process.execPath,
  writable: readonly string[] = [],
): Isolation {
  const tools = {
    prlimit: runs('prlimit', ['--version']),
    setpriv: runs('setpriv', ['--pdeathsig', 'KILL', '--', 'true']),
  };
  return processLevel(nodePath, tools, surroundings(writable));
}

/** Sends the canaries into children of this isolation. */
export async function tryCanaries(isolation: Isolation): Promise<CanaryResult[]> {
  const workRoot = await mkdtemp(join(tmpdir(), 'runfleet-canary-'));
  const executor = createExecutor({ workRoot, isolation, poolSize: 0 });
  try {
    await executor.prepare();
    return await runCanaries(executor);
  } finally {
    await executor.close();
    await rm(workRoot, { recursive: true, force: true });
  }
}

function surroundings(writable: readonly string[]): Surroundings {
  return { delegation: takeDelegation().delegation, writable };
}

function absent(missing: string, remedy: string | null): Detected {
  return { isolation: null, missing, remedy };
}

function runs(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
