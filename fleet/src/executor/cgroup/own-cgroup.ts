import { readFileSync } from 'node:fs';

/** The directory of this process' own control group of version 2; null where none is to be seen. */
export function findOwnCgroup(): string | null {
  try {
    return ownCgroup(readFileSync('/proc/self/cgroup', 'utf8'), readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    return null;
  }
}

/**
 * @param membership `/proc/self/cgroup`: the line of version 2 is `0::<path>`
 * @param mountInfo `/proc/self/mountinfo`: the mount is at /sys/fs/cgroup, or beside those of version 1, or anywhere
 */
export function ownCgroup(membership: string, mountInfo: string): string | null {
  const path = /^0::(\/.*)$/m.exec(membership)?.[1];
  // A path that leads up is outside of this process' cgroup namespace, and so of its mounts.
  if (path === undefined || path.split('/').includes('..')) return null;
  for (const { root, place } of cgroup2Mounts(mountInfo)) {
    const above = root === '/' ? '' : root;
    if (path === above || path.startsWith(`${above}/`)) {
      return `${place}${path.slice(above.length)}`.replace(/(?<=.)\/$/, '');
    }
  }
  return null;
}

/** Of proc(5): `36 35 98:0 <root> <place> <options> <optional fields> - <type> <source> <options>`. */
function cgroup2Mounts(mountInfo: string): { root: string; place: string }[] {
  return mountInfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, place] = before.split(' ');
    if (!after.startsWith('cgroup2 ') || root === undefined || place === undefined) return [];
    return [{ root: unescape(root), place: unescape(place) }];
  });
}

/** Blanks and backslashes are written as `\` and three octal digits. */
function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
