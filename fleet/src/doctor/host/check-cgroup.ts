import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Finding } from '../finding.ts';

/** Those that bound what a task can take from its host. */
const controllers = ['memory', 'pids', 'cpu'];

/** The control groups of this process. */
export interface Cgroup {
  version: 1 | 2;
  /** Of `controllers`, those for which this process can make groups below its own. */
  delegated: string[];
}

/** Where the kernel shows them. */
export const kernelPaths = { membership: '/proc/self/cgroup', root: '/sys/fs/cgroup' };

/** Reported, and never amiss: no level stands on them, because a worker need not have been given any. */
export function checkCgroup(paths: typeof kernelPaths = kernelPaths): Finding {
  const means =
    'not used by this version: V8, a watch and resource limits hold a task to its memory, processor time and threads';
  const cgroup = readCgroup(paths);
  if (cgroup === null) return ok('cgroup', 'no control groups', means);
  const { version, delegated } = cgroup;
  const list = delegated.length === 0 ? 'nothing' : delegated.join(', ');
  return ok('cgroup', `version ${version}, ${list} delegated to this process`, means);
}

/** Null where the kernel has none, or shows none. */
export function readCgroup({ membership, root }: typeof kernelPaths): Cgroup | null {
  if (!existsSync(membership)) return null;
  const lines = readFileSync(membership, 'utf8').trim().split('\n');
  const groups = new Map(
    lines.flatMap((line) => {
      const [, names = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      return names.split(',').map((name) => [name, path] as const);
    }),
  );
  if (existsSync(join(root, 'cgroup.controllers'))) {
    const group = join(root, groups.get('') ?? '/');
    const available = existsSync(join(group, 'cgroup.controllers'))
      ? readFileSync(join(group, 'cgroup.controllers'), 'utf8').trim().split(' ')
      : [];
    const mayMake = isWritable(group) && isWritable(join(group, 'cgroup.subtree_control'));
    return { version: 2, delegated: mayMake ? controllers.filter((name) => available.includes(name)) : [] };
  }
  const delegated = controllers.filter((name) => {
    const path = groups.get(name);
    return path !== undefined && isWritable(join(root, name, path));
  });
  return { version: 1, delegated };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
