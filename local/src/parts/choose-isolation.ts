import { detectSandbox } from '@runfleet/fleet/executor/isolation/detect.ts';
import type { IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { UserError } from '../user-error.ts';
import { installPackage, succeeds } from './install-package.ts';

export interface ChosenIsolation {
  level: IsolationLevel;
  /** Why it is not the sandbox, and what mends that; null where the level was asked for, or is the strongest. */
  shortfall: { why: string; remedy: string | null } | null;
}

const packages = { 'apt-get': 'bubblewrap', dnf: 'bubblewrap', apk: 'bubblewrap' };
const installIt = 'install bubblewrap';

/**
 * The isolation that the workers run at: the one that is asked for, else the strongest that this machine has. What the
 * sandbox needs is installed where that asks nothing.
 *
 * @param say told what is being done when it takes a while
 * @throws UserError when the sandbox is asked for and cannot be had
 */
export async function chooseIsolation(
  asked: IsolationLevel | null,
  say: (line: string) => void,
): Promise<ChosenIsolation> {
  if (asked === 'process') return { level: 'process', shortfall: null };
  const shortfall = await findShortfall(say);
  if (shortfall === null) return { level: 'sandbox', shortfall: null };
  if (asked === null) return { level: 'process', shortfall };
  const remedy = shortfall.remedy === null ? '' : `; to mend it: ${shortfall.remedy}`;
  throw new UserError(`isolation "sandbox" cannot be had here: ${shortfall.why}${remedy}`);
}

async function findShortfall(say: (line: string) => void): Promise<ChosenIsolation['shortfall']> {
  if (process.platform === 'linux' && !succeeds('bwrap', ['--version'])) {
    const why = installPackage(packages, say);
    if (why !== null) return { why: `bubblewrap (bwrap) is missing, and ${why}`, remedy: installIt };
  }
  // That it is there says nothing of whether it works.
  const detected = await detectSandbox();
  return detected.isolation === null ? { why: detected.missing, remedy: detected.remedy } : null;
}
