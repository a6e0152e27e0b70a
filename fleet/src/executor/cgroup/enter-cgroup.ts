import type { Enclosure } from '../isolation/isolation.ts';

/**
 * A shell that puts itself into a group and then becomes the command, so that nothing of the command has ever run, or
 * held memory, outside of it.
 */
export const enterScript = 'echo 0 >"$0/cgroup.procs" && exec "$@"';

/** The same place, in which the child starts in this group. */
export function enteringCgroup(enclosure: Enclosure, group: string): Enclosure {
  const { command, args } = enclosure;
  return { ...enclosure, command: '/bin/sh', args: ['-c', enterScript, group, command, ...args] };
}
