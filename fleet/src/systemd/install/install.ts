import { existsSync, realpathSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '../../version.ts';
import { applyItem, changeOf } from './apply-item.ts';
import type { Change, Item } from './item.ts';
import type { Layout } from './layout.ts';
import { readManifest, writeManifest, type Manifest } from './manifest.ts';
import { programItems } from './program-items.ts';
import { removeEmptyDirectories } from './uninstall.ts';
import { configurationItems, serviceItems } from './service-items.ts';
import {
  commandsAfterInstall,
  isBootedWithSystemd,
  runHostCommand,
  systemdVersion,
} from './service-manager.ts';

export interface InstallOptions {
  layout: Layout;
  /** Says what would be done, and does nothing. */
  dryRun: boolean;
  /** Places the files and leaves the host's user, directories and service manager alone. */
  filesOnly: boolean;
}

const workspace = realpathSync(fileURLToPath(new URL('../../../../', import.meta.url)));

/**
 * Puts this program and its units where they belong. What is there already as it should be is left alone, so a second
 * time changes nothing; what an earlier version had and this one has not is removed; settings are never overwritten.
 *
 * @throws StartError, or the system's own error, with a message for the operator
 */
export function install({ layout, dryRun, filesOnly }: InstallOptions, say: (line: string) => void): void {
  const before = readManifest(layout.manifest);
  const services = serviceItems(layout, systemdVersion());
  const program = programItems(workspace, layout.program);
  const owned = [...parents([...program, ...services]), ...program, ...services];
  const settings = [...parents(configurationItems(layout)), ...configurationItems(layout)];
  const manifest = manifestOf(layout, owned, before);
  const wanted = new Set(manifest.files);
  const stale = (before?.files ?? []).filter((path) => !wanted.has(path));

  const changed = owned.flatMap((item) => {
    const change = changeOf(item);
    return change === 'none' ? [] : [{ item, change }];
  });
  const missing = settings.filter((item) => !existsSync(item.path));

  sayProgram(changed, layout, say);
  for (const { item, change } of changed) {
    if (!isProgram(item, layout)) say(`${change} ${item.path}`);
  }
  for (const item of missing) say(`create ${item.path}`);
  for (const item of settings.filter(({ path, kind }) => kind === 'file' && existsSync(path))) {
    say(`keep ${item.path}`);
  }
  for (const path of stale) say(`remove ${path}`);

  if (!dryRun) {
    // First the list, so that an installation that was broken off can be removed.
    applyItem({ kind: 'directory', path: layout.program, mode: 0o755 });
    if (changed.length + stale.length > 0) {
      writeManifest(layout.manifest, { ...manifest, files: [...manifest.files, ...stale] });
    }
    for (const item of [...changed.map((one) => one.item), ...missing]) applyItem(item);
    for (const path of stale) rmSync(path, { force: true });
    const inUse = new Set(owned.map(({ path }) => dirname(path)));
    removeEmptyDirectories(manifest.directories.filter((path) => !inUse.has(path)));
    writeManifest(layout.manifest, {
      ...manifest,
      directories: manifest.directories.filter((path) => existsSync(path)),
    });
  }
  const changes = changed.length + missing.length + stale.length;
  tellHost(layout, { changes, dryRun, filesOnly }, say);
  if (changes === 0) say(`Nothing to change: ${version} is installed in ${layout.program}.`);
  else if (!dryRun)
    say(`Installed ${version} in ${layout.program}. Next: ${layout.credentials}/, then doctor.`);
}

function tellHost(
  layout: Layout,
  { changes, dryRun, filesOnly }: { changes: number; dryRun: boolean; filesOnly: boolean },
  say: (line: string) => void,
): void {
  const isPossible = !filesOnly && isBootedWithSystemd();
  if (changes === 0 && !isPossible) return;
  // Without a change these repair at most what somebody undid, and the manager has nothing new to read.
  const commands = commandsAfterInstall(layout).filter(([command]) => changes > 0 || command !== 'systemctl');
  for (const command of commands) {
    say(`${isPossible ? 'run' : 'to be run on the host:'} ${command.join(' ')}`);
    if (isPossible && !dryRun) runHostCommand(command);
  }
}

/** Thousands of files are one line. */
function sayProgram(
  changed: { item: Item; change: Change }[],
  layout: Layout,
  say: (line: string) => void,
): void {
  const files = changed.filter(({ item }) => isProgram(item, layout) && item.kind !== 'directory');
  if (files.length === 0) return;
  const created = files.filter(({ change }) => change === 'create').length;
  say(`copy ${created} new and ${files.length - created} changed files to ${layout.program}`);
}

function isProgram({ path }: Item, { program }: Layout): boolean {
  return path === program || path.startsWith(`${program}/`);
}

/** Directories are of this installation when it makes them, or an earlier one did. */
function manifestOf(layout: Layout, owned: Item[], before: Manifest | null): Manifest {
  const made = owned.filter(({ kind, path }) => kind === 'directory' && !existsSync(path));
  const directories = new Set([...(before?.directories ?? []), ...made.map(({ path }) => path)]);
  return {
    version,
    sysconfdir: layout.sysconfdir,
    files: owned.filter(({ kind }) => kind !== 'directory').map(({ path }) => path),
    directories: [...directories].toSorted(),
  };
}

/** The directories above the items that are not there yet; ones that are there are nobody's to change. */
function parents(items: Item[]): Item[] {
  const missing = new Set<string>();
  const own = new Set(items.filter(({ kind }) => kind === 'directory').map(({ path }) => path));
  for (const { path } of items) {
    for (let above = dirname(path); !existsSync(above) && !own.has(above); above = dirname(above)) {
      missing.add(above);
    }
  }
  return [...missing].toSorted().map((path) => ({ kind: 'directory', path, mode: 0o755 }));
}
