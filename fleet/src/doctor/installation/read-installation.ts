import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from '../../systemd/credentials.ts';
import { layoutOf, type Layout } from '../../systemd/install/layout.ts';
import { readManifest } from '../../systemd/install/manifest.ts';
import { isBootedWithSystemd } from '../../systemd/install/service-manager.ts';

export const stateDirectory = '/var/lib/runfleet';

/** What there is of an installation on this host. */
export interface Installation {
  layout: Layout;
  version: string;
  /** Files that were installed and are gone. */
  missing: string[];
  /** Of the user `runfleet`; null where there is none. */
  userId: number | null;
  credentials: CredentialFile[];
  /** Who owns the directory of attempts; null where there is none. */
  stateOwnerId: number | null;
  /** Null where systemd is not process 1. */
  units: UnitState[] | null;
}

export interface CredentialFile {
  name: string;
  path: string;
  state: 'written' | 'empty' | 'missing' | 'unreadable';
  /** Whether others than its owner may read it. */
  isOpen: boolean;
}

export interface UnitState {
  name: string;
  /** As systemd calls it: `active`, `inactive`, `failed`, `activating`, … */
  active: string;
}

/** Null where nothing is installed. */
export function readInstallation(prefix: string): Installation | null {
  const manifest = readManifest(layoutOf(prefix, '/').manifest);
  if (manifest === null) return null;
  const layout = layoutOf(prefix, manifest.sysconfdir);
  return {
    layout,
    version: manifest.version,
    missing: manifest.files.filter((path) => lstatSync(path, { throwIfNoEntry: false }) === undefined),
    userId: readUserId(),
    credentials: Object.keys(credentials).map((name) => readCredential(name, join(layout.credentials, name))),
    stateOwnerId: statSync(stateDirectory, { throwIfNoEntry: false })?.uid ?? null,
    units: isBootedWithSystemd() ? readUnits() : null,
  };
}

function readUserId(): number | null {
  const { status, stdout } = spawnSync('id', ['-u', 'runfleet'], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : null;
}

function readCredential(name: string, path: string): CredentialFile {
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there === undefined) return { name, path, state: 'missing', isOpen: false };
    const isEmpty = readFileSync(path, 'utf8').trim() === '';
    return { name, path, state: isEmpty ? 'empty' : 'written', isOpen: (there.mode & 0o077) !== 0 };
  } catch {
    return { name, path, state: 'unreadable', isOpen: false };
  }
}

function readUnits(): UnitState[] {
  const args = ['list-units', '--all', '--plain', '--no-legend', 'runfleet*.service'];
  const { stdout } = spawnSync('systemctl', args, { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', , active = ''] = line.trim().split(/\s+/);
      return { name, active };
    });
}
