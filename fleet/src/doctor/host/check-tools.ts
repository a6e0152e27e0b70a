import type { IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { failed, ok, warning, type Finding } from '../finding.ts';
import { installCommand, toolVersion } from './find-tool.ts';

interface Tool {
  command: string;
  packageName: string;
  does: string;
  /** The level that cannot be had without it. */
  neededFor: IsolationLevel | null;
}

const tools: Tool[] = [
  { command: 'bwrap', packageName: 'bubblewrap', does: 'builds the sandbox', neededFor: 'sandbox' },
  {
    command: 'prlimit',
    packageName: 'util-linux',
    does: 'limits what a task can take',
    neededFor: 'sandbox',
  },
  {
    command: 'setpriv',
    packageName: 'util-linux',
    does: 'ends tasks at level process when their worker dies',
    neededFor: null,
  },
];

/** @param isolation the level that the worker must have */
export function checkTools(isolation: IsolationLevel): Finding[] {
  // Other systems have none of them, and the level process does without.
  if (process.platform !== 'linux') return [];
  return tools.map((tool) => checkTool(tool, isolation));
}

function checkTool({ command, packageName, does, neededFor }: Tool, isolation: IsolationLevel): Finding {
  const item = `tools.${command}`;
  const version = toolVersion(command);
  if (version !== null) return ok(item, `${command} ${version}`, does);
  const judge = neededFor === isolation ? failed : warning;
  return judge(item, `${command} is not on the PATH`, `it ${does}`, installCommand(packageName));
}
