import type { IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { detectProcess, detectSandbox, type Detected } from '../../src/executor/isolation/detect.ts';
import { nodePath } from './compare-with-node.ts';

/** What this host has for that Node; a level that is missing is skipped with its reason. */
export async function findIsolation(level: IsolationLevel): Promise<Detected> {
  return level === 'process'
    ? { isolation: detectProcess(nodePath), missing: null }
    : detectSandbox(nodePath);
}
