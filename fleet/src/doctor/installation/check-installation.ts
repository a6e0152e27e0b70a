import { ok, type Finding } from '../finding.ts';
import { version } from '../../version.ts';
import { judgeInstallation } from './judge-installation.ts';
import { readInstallation } from './read-installation.ts';

/** Whether what was installed below a prefix is whole, and runs. */
export function checkInstallation(prefix: string): Finding[] {
  const installation = readInstallation(prefix);
  if (installation !== null) return judgeInstallation(installation, version);
  const means = 'parts run when somebody starts them; `runfleet install` makes services of them';
  return [ok('install', `nothing below ${prefix}`, means)];
}
