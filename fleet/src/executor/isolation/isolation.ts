import type { IsolationReport } from '@runfleet/shared/model/outcome.ts';
import type { TaskLimits } from '@runfleet/shared/model/task-limits.ts';
import type { Delegation } from '../cgroup/delegation.ts';

/** The limits that are fixed when a child starts; the others the parent watches over. */
export type SpawnLimits = Pick<TaskLimits, 'memoryBytes' | 'diskBytes' | 'openFiles'>;

/** What stands around children, and how to start one inside. */
export interface Isolation extends IsolationReport {
  /** Where each child gets a control group of its own; null where that adds nothing, or none can be made. */
  delegation: Delegation | null;
  enclose(workRoot: string, limits: SpawnLimits): Promise<Enclosure>;
}

/** What the host and its owner add to a level. */
export interface Surroundings {
  delegation: Delegation | null;
  /** Files and directories of the host that each task may write to: holes that the owner asked for. */
  writable: readonly string[];
}

export const noSurroundings: Surroundings = { delegation: null, writable: [] };

/** A place for one child that is about to be started. */
export interface Enclosure {
  command: string;
  args: string[];
  cwd: string;
  environment: Record<string, string>;
  /** Files that the child inherits as fd 4, 5 and so on; whoever starts the child closes them. */
  descriptors: number[];
  /** The child's directory, as the code sees it. */
  directory: string;
  /** That directory on the host, to be removed afterwards; null where it goes with the child. */
  hostDirectory: string | null;
  /** How many parents of its own stand between the process that is started and the one that runs the code. */
  depth: 0 | 2;
}
