import { spawnSync } from 'node:child_process';
import { UserError } from '../user-error.ts';

const servers = ['redis-server', 'valkey-server'];

interface PackageManager {
  command: string;
  /** Each is run in turn; the last one installs. */
  steps: string[][];
  asRoot: boolean;
}

const packageManagers: PackageManager[] = [
  { command: 'apt-get', steps: [['update'], ['install', '--yes', 'redis-server']], asRoot: true },
  { command: 'dnf', steps: [['install', '--assumeyes', 'valkey']], asRoot: true },
  { command: 'apk', steps: [['add', '--no-cache', 'redis']], asRoot: true },
  { command: 'brew', steps: [['install', 'redis']], asRoot: false },
];

/**
 * A redis-server to run: one on the PATH, else one that the system's package manager installs where that asks nothing.
 *
 * @param say told what is being done when it takes a while
 * @throws UserError that says what to install
 */
export function findRedisServer(say: (line: string) => void): string {
  return findOnPath() ?? install(say);
}

function findOnPath(): string | null {
  return servers.find((server) => succeeds(server, ['--version'])) ?? null;
}

function install(say: (line: string) => void): string {
  const manager = packageManagers.find(({ command }) => succeeds(command, ['--version']));
  if (manager === undefined) throw refusal('no package manager that is known here was found');
  const prefix = manager.asRoot && process.getuid?.() !== 0 ? ['sudo', '-n'] : [];
  if (prefix.length > 0 && !succeeds('sudo', ['-n', 'true'])) throw refusal('installing it needs root');

  say(`Installing redis-server with ${manager.command} …`);
  for (const step of manager.steps) {
    const [command = '', ...args] = [...prefix, manager.command, ...step];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const { status, stderr } = spawnSync(command, args, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const isLast = step === manager.steps.at(-1);
    // A list that could not be brought up to date may still be good enough to install from.
    if (isLast && status !== 0)
      throw refusal(`${manager.command} failed: ${stderr.trim().split('\n').at(-1)}`);
  }
  const server = findOnPath();
  if (server === null) throw refusal(`${manager.command} installed it, but it is not on the PATH`);
  return server;
}

function refusal(why: string): UserError {
  return new UserError(
    `Redis is needed, and ${why}. Install redis-server 7 or newer (or valkey-server), or set REDIS_URL to one that runs.`,
  );
}

function succeeds(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
