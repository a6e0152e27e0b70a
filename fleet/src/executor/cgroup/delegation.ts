import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode, readCgroup, writeCgroup } from './cgroup-files.ts';
import { enterScript } from './enter-cgroup.ts';
import { findOwnCgroup } from './own-cgroup.ts';

/** What holds a task, where it is to be had; each is used without the other. */
export const cgroupControllers = ['memory', 'pids'] as const;
export type CgroupController = (typeof cgroupControllers)[number];

/** A control group of version 2 in which this process may make others. */
export interface Delegation {
  directory: string;
  /** Those that work in the groups below. Without any, a group can still be killed as a whole. */
  controllers: readonly CgroupController[];
}

export interface DelegationFound {
  /** Null when no group can be made. */
  delegation: Delegation | null;
  /** Why there is none, or why a controller is missing; null when nothing is. */
  missing: Missing | null;
}

export interface Missing {
  why: string;
  /** A setting that mends it; null where none does. */
  remedy: string | null;
}

/** Two ways to be given a group: as a service, and by hand. */
const delegate =
  'Delegate=yes in the unit of the worker; by hand, systemd-run --user --scope -p Delegate=yes before the command';

/** Where version 1 has the controllers. */
const unify = "systemd.unified_cgroup_hierarchy=1 on the kernel's command line";

const leafPrefix = 'runfleet-worker-';

let found: DelegationFound | null = null;

/**
 * Finds out, by trying, what this process may do with control groups, and takes it: its own group is then one for other
 * groups, and it works in a leaf of that. Only the first call does something. What was taken is given back at the exit.
 */
export function takeDelegation(): DelegationFound {
  if (found === null) {
    found = take();
    const { delegation } = found;
    if (delegation !== null) process.once('exit', () => giveBack(delegation.directory));
  }
  return found;
}

function take(): DelegationFound {
  if (process.platform !== 'linux') return none('control groups need Linux', null);
  const own = ownGroup();
  if (own === null) return none('no control group of version 2 is to be seen', unify);
  removeLeaves(own);
  const probe = join(own, `runfleet-probe-${process.pid}`);
  try {
    mkdirSync(probe);
  } catch (error) {
    return none(`${own} is not delegated to this process (${errorCode(error)})`, delegate);
  }
  try {
    if (!existsSync(join(probe, 'cgroup.kill')))
      return none('this kernel cannot kill a control group as a whole', 'Linux 5.14 or later');
    // A process must be able to get in, which takes rights on both groups.
    const { status, stderr } = spawnSync('/bin/sh', ['-c', enterScript, probe, 'true'], { encoding: 'utf8' });
    if (status !== 0) return none(`no process can be put below ${own}: ${stderr.trim()}`, delegate);
    return withControllers(own, probe);
  } finally {
    rmdirSync(probe);
  }
}

function withControllers(own: string, probe: string): DelegationFound {
  const available = words(own, 'cgroup.controllers');
  const controllers: CgroupController[] = [];
  const missing: Missing[] = [];
  for (const controller of cgroupControllers) {
    const obstacle = available.includes(controller) ? enable(own, controller) : notAvailable(own, controller);
    if (obstacle !== null) missing.push(obstacle);
    else if (readCgroup(probe, `${controller}.max`) !== null) controllers.push(controller);
    else missing.push({ why: `${controller} has no limit below ${own}`, remedy: null });
  }
  return {
    delegation: { directory: own, controllers },
    missing:
      missing.length === 0
        ? null
        : { why: missing.map(({ why }) => why).join('; '), remedy: missing[0]?.remedy ?? null },
  };
}

function notAvailable(own: string, controller: CgroupController): Missing {
  return version1Controllers().includes(controller)
    ? { why: `${controller} is held by version 1 of control groups`, remedy: unify }
    : { why: `${controller} is not delegated to ${own}`, remedy: delegate };
}

function version1Controllers(): string[] {
  const membership = readCgroup('/proc/self', 'cgroup') ?? '';
  return [...membership.matchAll(/^\d+:([^:]+):/gm)].flatMap(([, names = '']) => names.split(','));
}

/** Null when the controller works in the groups below, else why not. */
function enable(own: string, controller: CgroupController): Missing | null {
  if (words(own, 'cgroup.subtree_control').includes(controller)) return null;
  try {
    try {
      writeCgroup(own, 'cgroup.subtree_control', `+${controller}`);
    } catch (error) {
      // A group whose processes controllers divide into groups may have none itself.
      if (errorCode(error) !== 'EBUSY') throw error;
      moveToLeaf(own);
      writeCgroup(own, 'cgroup.subtree_control', `+${controller}`);
    }
    return null;
  } catch (error) {
    const code = errorCode(error);
    const why =
      code === 'EBUSY'
        ? `${controller} cannot be enabled, since other processes share ${own}`
        : `${controller} cannot be enabled in ${own} (${code})`;
    return { why, remedy: delegate };
  }
}

function moveToLeaf(own: string): void {
  const leaf = leafOf(own);
  mkdirSync(leaf, { recursive: true });
  writeCgroup(leaf, 'cgroup.procs', String(process.pid));
}

/** The group that this process was started in, even if it has moved to a leaf of that since. */
function ownGroup(): string | null {
  const group = findOwnCgroup();
  return group !== null && group === leafOf(dirname(group)) ? dirname(group) : group;
}

function leafOf(own: string): string {
  return join(own, `${leafPrefix}${process.pid}`);
}

/** Of workers that were killed: a group with a process in it refuses to be removed. */
function removeLeaves(own: string): void {
  for (const name of namesIn(own)) {
    if (name.startsWith(leafPrefix)) attempt(() => rmdirSync(join(own, name)));
  }
}

/** As it was found, if nobody else makes use of it. Best effort: whatever is left, the next start removes. */
function giveBack(own: string): void {
  const leaf = leafOf(own);
  if (!existsSync(leaf)) return;
  for (const controller of cgroupControllers) {
    attempt(() => writeCgroup(own, 'cgroup.subtree_control', `-${controller}`));
  }
  attempt(() => writeCgroup(own, 'cgroup.procs', String(process.pid)));
  attempt(() => rmdirSync(leaf));
}

function words(group: string, file: string): string[] {
  return readCgroup(group, file)?.split(' ') ?? [];
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // Somebody else's, or still in use.
  }
}

function none(why: string, remedy: string | null): DelegationFound {
  return { delegation: null, missing: { why, remedy } };
}
