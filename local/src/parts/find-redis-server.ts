import { UserError } from '../user-error.ts';
import { installPackage, succeeds } from './install-package.ts';

const servers = ['redis-server', 'valkey-server'];
const packages = { 'apt-get': 'redis-server', dnf: 'valkey', apk: 'redis', brew: 'redis' };

/**
 * A redis-server to run: one on the PATH, else one that the system's package manager installs where that asks nothing.
 *
 * @param say told what is being done when it takes a while
 * @throws UserError that says what to install
 */
export function findRedisServer(say: (line: string) => void): string {
  const present = findOnPath();
  if (present !== null) return present;
  const why = installPackage(packages, say);
  const installed = why === null ? findOnPath() : null;
  if (installed !== null) return installed;
  throw new UserError(
    `Redis is needed, and ${why ?? 'it was installed, but is not on the PATH'}. ` +
      'Install redis-server 7 or newer (or valkey-server), or set REDIS_URL to one that runs.',
  );
}

function findOnPath(): string | null {
  return servers.find((server) => succeeds(server, ['--version'])) ?? null;
}
