import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { StartError } from '../../start-error.ts';

/** What an installation has put where; kept in the program's directory. */
const manifestSchema = z.strictObject({
  version: z.string(),
  sysconfdir: z.string(),
  /** Files and links. */
  files: z.array(z.string()),
  /** Directories that were not there before, each before those in it. */
  directories: z.array(z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** @returns null where nothing is installed */
export function readManifest(path: string): Manifest | null {
  if (!existsSync(path)) return null;
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new StartError(`${path} cannot be read: it is no list of what was installed`);
  }
}

/** @returns whether it was another one before */
export function writeManifest(path: string, manifest: Manifest): boolean {
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return false;
  writeFileSync(path, text, { mode: 0o644 });
  return true;
}
