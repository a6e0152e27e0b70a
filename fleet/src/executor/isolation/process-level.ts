import { createWorkDirectory } from '../prepare/work-directory.ts';
import { noSurroundings, type Enclosure, type Isolation, type SpawnLimits } from './isolation.ts';
import { bootstrapDirectory, nodeArguments, startEnvironment, workerWarningOf } from './node-command.ts';
import { withCgroup, writablePart } from './parts.ts';
import { withResourceLimits } from './resource-limits.ts';

/** What of util-linux there is to start a child with. */
export interface ProcessTools {
  prlimit: boolean;
  /** A setpriv that can have the child killed when its parent dies. */
  setpriv: boolean;
}

/**
 * The level for hosts without namespaces: a process of its own group, an environment of its own, Node's permission
 * model, and resource limits. The code runs as the worker's user on the worker's network.
 */
export function processLevel(
  nodePath: string,
  tools: ProcessTools,
  { delegation, writable } = noSurroundings,
): Isolation {
  const workerWarning = workerWarningOf(nodePath);
  return {
    level: 'process',
    parts: {
      filesystem: 'permission model',
      processes: delegation === null ? 'process group, search' : 'cgroup',
      subprocesses: 'permission model',
      network: 'none',
      disk: tools.prlimit ? 'size of each file' : 'none',
      memory: withCgroup(delegation, 'memory', tools.prlimit ? 'heap, watch, rlimit' : 'heap, watch'),
      threads: withCgroup(delegation, 'pids', 'watch'),
      parentDeath: tools.setpriv ? 'signal' : 'none',
      ...writablePart(writable),
    },
    delegation,
    async enclose(workRoot: string, limits: SpawnLimits): Promise<Enclosure> {
      const directory = await createWorkDirectory(workRoot);
      const [command = nodePath, ...args] = [
        ...(tools.setpriv ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []),
        ...(tools.prlimit ? withResourceLimits(limits) : []),
        nodePath,
        '--require',
        `${bootstrapDirectory}/guard-workers.cjs`,
        ...nodeArguments({
          bootstrap: bootstrapDirectory,
          directory,
          memoryBytes: limits.memoryBytes,
          writable,
          workerWarning,
        }),
      ];
      return {
        command,
        args,
        cwd: directory,
        environment: startEnvironment(directory),
        descriptors: [],
        directory,
        hostDirectory: directory,
        depth: 0,
      };
    },
  };
}
