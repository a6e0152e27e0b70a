import { readFileSync } from 'node:fs';

/**
 * The process that runs the code: the one that was started, or its only grandchild where bubblewrap and its init stand
 * between. Null when it is not to be seen: no /proc, or it has ended.
 */
export function findProgramPid(startedPid: number, depth: number): number | null {
  let pid = startedPid;
  for (let level = 0; level < depth; level += 1) {
    const child = onlyChildOf(pid);
    if (child === null) return null;
    pid = child;
  }
  return pid;
}

function onlyChildOf(pid: number): number | null {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
    return children.length === 1 && children[0] !== '' ? Number(children[0]) : null;
  } catch {
    return null;
  }
}
