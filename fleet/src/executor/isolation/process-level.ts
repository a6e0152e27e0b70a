import { createWorkDirectory } from '../prepare/work-directory.ts';
import type { Enclosure, Isolation, SpawnLimits } from './isolation.ts';
import { bootstrapDirectory, nodeArguments, startEnvironment } from './node-command.ts';
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
export function processLevel(nodePath: string, tools: ProcessTools): Isolation {
  return {
    level: 'process',
    parts: {
      filesystem: 'permission model',
      subprocesses: 'permission model',
      network: 'none',
      disk: tools.prlimit ? 'size of each file' : 'none',
      memory: tools.prlimit ? 'heap, watch, rlimit' : 'heap, watch',
      parentDeath: tools.setpriv ? 'signal' : 'none',
    },
    async enclose(workRoot: string, limits: SpawnLimits): Promise<Enclosure> {
      const directory = await createWorkDirectory(workRoot);
      const [command = nodePath, ...args] = [
        ...(tools.setpriv ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []),
        ...(tools.prlimit ? withResourceLimits(limits) : []),
        nodePath,
        '--require',
        `${bootstrapDirectory}/guard-workers.cjs`,
        ...nodeArguments(bootstrapDirectory, directory, limits.memoryBytes),
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
