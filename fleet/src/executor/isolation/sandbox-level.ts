import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noSurroundings, type Enclosure, type Isolation, type SpawnLimits } from './isolation.ts';
import { bootstrapDirectory, nodeArguments, startEnvironment, workerWarningOf } from './node-command.ts';
import { withCgroup, writablePart } from './parts.ts';
import { withResourceLimits } from './resource-limits.ts';

/** Where things are inside. */
const node = '/runtime/node';
const bootstrap = '/runtime/bootstrap';
const directory = '/task';

/** The child's descriptor that the filter is read from; it is closed before the code runs. */
const filterDescriptor = 4;

/**
 * The level of untrusted code: bubblewrap puts each child into user, mount, pid, net, ipc, uts and cgroup namespaces of
 * its own, with a root that holds the runtime and nothing else, read-only but for a tmpfs of limited size, without any
 * capability, behind a system-call filter.
 *
 * @param filter the program for `--seccomp`; see seccomp-filter.ts
 */
export function sandboxLevel(
  nodePath: string,
  filter: Buffer,
  { delegation: found, writable } = noSurroundings,
): Isolation {
  // The pid namespace dies as a whole already: a group that holds nothing is not worth its making.
  const delegation = found === null || found.controllers.length === 0 ? null : found;
  const runtime = [realpathSync(nodePath), node, bootstrapDirectory, bootstrap];
  const libraries = librariesOf(nodePath).flatMap((library) => [library, library]);
  const binds = pairs([...runtime, ...libraries]).flatMap(([from, to]) => ['--ro-bind', from, to]);
  const walls = [
    '--unshare-all',
    '--unshare-user',
    '--disable-userns',
    '--uid',
    '1000',
    '--gid',
    '1000',
    '--hostname',
    'task',
    '--cap-drop',
    'ALL',
    '--new-session',
    '--die-with-parent',
    '--seccomp',
    String(filterDescriptor),
    ...binds,
    '--proc',
    '/proc',
    // One by one: bubblewrap's own /dev is a tmpfs without a limit.
    ...['/dev/null', '/dev/zero', '/dev/urandom', '/dev/random'].flatMap((device) => [
      '--dev-bind',
      device,
      device,
    ]),
    ...writable.flatMap((path) => ['--bind', path, path]),
  ];
  const openFilter = keepFile(filter);
  const workerWarning = workerWarningOf(nodePath);

  return {
    level: 'sandbox',
    parts: {
      user: 'namespace, no capabilities',
      filesystem: 'own root, read-only',
      disk: 'tmpfs',
      processes: 'namespace',
      subprocesses: 'seccomp, permission model',
      network: 'namespace, none inside',
      systemCalls: 'seccomp',
      memory: withCgroup(delegation, 'memory', 'heap, watch, rlimit'),
      threads: withCgroup(delegation, 'pids', 'watch'),
      parentDeath: 'signal',
      ...writablePart(writable),
    },
    delegation,
    async enclose(_workRoot: string, limits: SpawnLimits): Promise<Enclosure> {
      const [command = 'bwrap', ...args] = [
        ...withResourceLimits(limits),
        'bwrap',
        ...walls,
        '--size',
        String(limits.diskBytes),
        '--tmpfs',
        directory,
        '--chdir',
        directory,
        '--remount-ro',
        '/',
        '--',
        node,
        ...nodeArguments({ bootstrap, directory, memoryBytes: limits.memoryBytes, writable, workerWarning }),
      ];
      return {
        command,
        args,
        cwd: '/',
        environment: startEnvironment(directory),
        descriptors: [openFilter()],
        directory,
        hostDirectory: null,
        depth: 2,
      };
    },
  };
}

/** Keeps bytes in a file without a name, which goes with this process. Each call opens it anew, at its start. */
function keepFile(bytes: Buffer): () => number {
  const folder = mkdtempSync(join(tmpdir(), 'runfleet-filter-'));
  const file = join(folder, 'seccomp.bpf');
  writeFileSync(file, bytes);
  const kept = openSync(file, 'r');
  rmSync(folder, { recursive: true });
  return () => openSync(`/proc/self/fd/${kept}`, 'r');
}

/** The shared libraries of an executable, and the loader, as paths that must be the same inside. */
function librariesOf(executable: string): string[] {
  const lines = execFileSync('ldd', [executable], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

function pairs(flat: string[]): [string, string][] {
  return flat.flatMap((from, index) =>
    index % 2 === 0 ? [[from, flat[index + 1] ?? from] as [string, string]] : [],
  );
}
