import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findOwnCgroup, ownCgroup } from './own-cgroup.ts';

const unified =
  '29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n';
const hybrid = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;

it.each([
  [
    'a unit',
    '0::/system.slice/runfleet-worker@a.service\n',
    unified,
    '/sys/fs/cgroup/system.slice/runfleet-worker@a.service',
  ],
  ['a namespace of its own', '0::/\n', unified, '/sys/fs/cgroup'],
  ['version 2 beside version 1', '8:pids:/x\n4:memory:/y\n0::/z\n', hybrid, '/sys/fs/cgroup/unified/z'],
  [
    'a mount of a part of the tree',
    '0::/docker/ab/c\n',
    '50 40 0:26 /docker/ab /cg\\040roup rw - cgroup2 cgroup rw\n',
    '/cg roup/c',
  ],
  ['a mount of another part', '0::/docker/abc\n', '50 40 0:26 /docker/ab /cg rw - cgroup2 cgroup rw\n', null],
  ['outside of the namespace', '0::/../other\n', unified, null],
  [
    'version 1 alone',
    '4:memory:/y\n',
    '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
    null,
  ],
])('%s', (_, membership, mountInfo, directory) => {
  expect(ownCgroup(membership, mountInfo)).toBe(directory);
});

it('names a group that this process is in', (context) => {
  const own = findOwnCgroup();
  if (own === null) return context.skip('no control groups of version 2 here');
  expect(existsSync(own)).toBe(true);
  expect(readFileSync(join(own, 'cgroup.procs'), 'utf8').split('\n')).toContain(String(process.pid));
});
