import { existsSync, lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { StartError } from '../../start-error.ts';
import type { Layout } from './layout.ts';
import { readManifest } from './manifest.ts';
import {
  commandsAfterUninstall,
  commandsBeforeUninstall,
  isBootedWithSystemd,
  runHostCommand,
} from './service-manager.ts';

export interface UninstallOptions {
  layout: Layout;
  dryRun: boolean;
  filesOnly: boolean;
  /** Settings and credentials go too. */
  purge: boolean;
}

/**
 * Removes what was installed, and nothing else: what somebody put into its directories stays, and so do they. The user
 * stays too, because files may still be its own.
 *
 * @throws StartError when nothing is installed there
 */
export function uninstall(
  { layout, dryRun, filesOnly, purge }: UninstallOptions,
  say: (line: string) => void,
): void {
  const manifest = readManifest(layout.manifest);
  if (manifest === null) throw new StartError(`nothing is installed in ${layout.program}`);
  const runs = !filesOnly && isBootedWithSystemd();
  const tell = (commands: ReturnType<typeof commandsBeforeUninstall>) => {
    for (const command of runs ? commands : []) {
      say(`run ${command.join(' ')}`);
      if (!dryRun) runHostCommand(command);
    }
  };
  tell(commandsBeforeUninstall());
  const files = manifest.files.filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
  const isProgram = (path: string) => path.startsWith(`${layout.program}/`);
  say(`remove ${files.filter(isProgram).length} files of ${layout.program}`);
  for (const path of files) if (!isProgram(path)) say(`remove ${path}`);
  if (!dryRun) {
    for (const path of files) rmSync(path);
    rmSync(layout.manifest);
    removeEmptyDirectories(manifest.directories);
  }
  if (existsSync(layout.configuration)) {
    say(`${purge ? 'remove' : 'keep'} ${layout.configuration}`);
    if (purge && !dryRun) rmSync(layout.configuration, { recursive: true });
  }
  tell(commandsAfterUninstall);
  say('What stays: the user runfleet, /var/lib/runfleet, and what the journal holds.');
}

/** @param directories each before those in it */
export function removeEmptyDirectories(directories: readonly string[]): void {
  for (const path of directories.toReversed()) {
    if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
  }
}
