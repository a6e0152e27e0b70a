import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { replaceOnce, type Mutant } from './mutant.ts';

/** What a copy of the program does without. */
const leftOut = new Set(['.git', '.runfleet', '.wrangler', 'node_modules']);

/**
 * Copies the source tree and changes it. The packages' links into node_modules are relative, so in the copy those to our
 * own packages lead into the copy, and all others to what is installed.
 */
export function copyProgram(root: string, copy: string, { replacements }: Mutant): void {
  cpSync(root, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) =>
      !(source.startsWith(`${root}/`) && leftOut.has(source.slice(root.length + 1))) &&
      basename(source) !== '.vite-temp',
  });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const { file, text, by } of replacements) {
    const path = join(copy, file);
    writeFileSync(path, replaceOnce(readFileSync(path, 'utf8'), text, by, file));
  }
}
