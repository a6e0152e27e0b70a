import { removeTree } from './cleanup/remove-tree.ts';
import type { AttemptCgroup } from './cgroup/attempt-cgroup.ts';
import type { AttemptCgroups } from './cgroup/attempt-cgroups.ts';
import { enteringCgroup } from './cgroup/enter-cgroup.ts';
import type { Enclosure, Isolation, SpawnLimits } from './isolation/isolation.ts';
import type { Poolable } from './pool/child-pool.ts';
import { spawnChild, type Child } from './spawn/spawn-child.ts';
import { killOrphans } from './terminate/orphans.ts';
import { killProcessGroup } from './terminate/process-group.ts';
import { findProgramPid } from './watch/find-program-pid.ts';

/** A child whose bootstrap waits for a program, with all that stands around it. */
export interface ReadyChild extends Child, Poolable {
  enclosure: Enclosure;
  /** What it and all that it starts is in; null where there are no groups. */
  cgroup: AttemptCgroup | null;
  /** The process that will run the code; null where it cannot be seen. */
  programPid: number | null;
  /** Kills whatever of it is left. */
  kill(): void;
  /** Removes what it leaves on the host, when it is dead. Never rejects. */
  cleanUp(): Promise<void>;
}

export interface StartSettings {
  isolation: Isolation;
  workRoot: string;
  cgroups: AttemptCgroups | null;
  /** Told of what could not be removed; the next start of a worker tries again. */
  onLeftover: (path: string, error: unknown) => void;
}

/** Starts a child inside its walls and waits until it is ready. Rejects when there is none, with what it said. */
export async function startChild(settings: StartSettings, limits: SpawnLimits): Promise<ReadyChild> {
  const enclosure = await settings.isolation.enclose(settings.workRoot, limits);
  const { hostDirectory } = enclosure;
  let cgroup: AttemptCgroup | null = null;
  const cleanUp = async () => {
    const group = cgroup;
    // First, since it waits until no process is at work in the directory any more.
    await group?.remove().catch((error: unknown) => settings.onLeftover(group.directory, error));
    if (hostDirectory === null) return;
    await removeTree(hostDirectory).catch((error: unknown) => settings.onLeftover(hostDirectory, error));
  };
  let child: Child;
  try {
    cgroup = settings.cgroups?.create() ?? null;
    child = await spawnChild(cgroup === null ? enclosure : enteringCgroup(enclosure, cgroup.directory));
  } catch (error) {
    await cleanUp();
    throw error;
  }
  const kill = () => {
    killProcessGroup(child.pid);
    cgroup?.kill();
    // Without a cgroup: walls that hold let nobody out of the process group unseen.
    if (cgroup === null && hostDirectory !== null) killOrphans(hostDirectory, child.pid);
  };
  const discard = async () => {
    kill();
    await child.exit;
    await cleanUp();
  };
  if (!(await child.ready)) {
    const said = await lastWords(child);
    await discard();
    throw new Error(`it ended while it started${said === '' ? '' : `: ${said}`}`);
  }
  const programPid = findProgramPid(child.pid, enclosure.depth);
  return { ...child, enclosure, cgroup, programPid, kill, cleanUp, gone: child.exit, discard };
}

async function lastWords(child: Child): Promise<string> {
  const chunk: unknown = child.stderr.read();
  return Buffer.isBuffer(chunk) ? chunk.toString('utf8').trim().slice(0, 500) : '';
}
