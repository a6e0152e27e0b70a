import { spawnSync } from 'node:child_process';

/** What a tool says of its version; null when it is not on the PATH, or cannot be run. */
export function toolVersion(command: string): string | null {
  const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (/\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'of an unknown version') : null;
}

const installCommands = { 'apt-get': 'apt-get install', dnf: 'dnf install', apk: 'apk add' };

/** The command that installs a package here, as root. */
export function installCommand(packageName: string): string {
  const [, install] =
    Object.entries(installCommands).find(([manager]) => toolVersion(manager) !== null) ?? [];
  return `${install ?? installCommands['apt-get']} ${packageName}`;
}
