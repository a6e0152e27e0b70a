import { spawnSync } from 'node:child_process';

interface PackageManager {
  command: 'apt-get' | 'dnf' | 'apk' | 'brew';
  /** Run before the installation; a list that could not be brought up to date may still be good enough. */
  refresh: string[] | null;
  install: string[];
  asRoot: boolean;
}

const packageManagers: PackageManager[] = [
  { command: 'apt-get', refresh: ['update'], install: ['install', '--yes'], asRoot: true },
  { command: 'dnf', refresh: null, install: ['install', '--assumeyes'], asRoot: true },
  { command: 'apk', refresh: null, install: ['add', '--no-cache'], asRoot: true },
  { command: 'brew', refresh: null, install: ['install'], asRoot: false },
];

/** What a program's package is called; a package manager that is not named here does not have it. */
export type PackageNames = Partial<Record<PackageManager['command'], string>>;

/**
 * Installs a package with the system's package manager, where that asks nothing.
 *
 * @param say told what is being done, since it takes a while
 * @returns null when the package manager has done it, else why it was not done
 */
export function installPackage(names: PackageNames, say: (line: string) => void): string | null {
  const manager = packageManagers.find(
    ({ command }) => names[command] !== undefined && succeeds(command, ['--version']),
  );
  const name = manager && names[manager.command];
  if (manager === undefined || name === undefined) return 'no package manager that is known here was found';
  const prefix = manager.asRoot && process.getuid?.() !== 0 ? ['sudo', '-n'] : [];
  if (prefix.length > 0 && !succeeds('sudo', ['-n', 'true'])) return 'installing it needs root';

  say(`installing ${name} with ${manager.command}`);
  if (manager.refresh !== null) run([...prefix, manager.command, ...manager.refresh]);
  const failure = run([...prefix, manager.command, ...manager.install, name]);
  return failure === null ? null : `${manager.command} failed: ${failure}`;
}

/** Whether a command can be started, and ends well. */
export function succeeds(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Null when it went well, else the last thing that it said. */
function run([command = '', ...args]: string[]): string | null {
  const { status, stderr, error } = spawnSync(command, args, {
    // Nothing is asked, and what is installed is not started as a service.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (error !== undefined) return error.message;
  return status === 0 ? null : (stderr.trim().split('\n').at(-1) ?? '');
}
