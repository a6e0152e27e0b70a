import { mkdir, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../cleanup/remove-tree.ts';
import { killOrphans } from '../terminate/orphans.ts';
import { workDirectoryPrefix } from './work-directory.ts';

/**
 * Makes the work root, and ends what a crashed worker with the same root has left: its children, which no one else
 * knows of, and their directories. Two live workers must not share a root. Returns the root's real path, since that
 * is the one which processes report as theirs.
 */
export async function prepareWorkRoot(
  workRoot: string,
  onLeftover: (path: string, error: unknown) => void,
): Promise<string> {
  await mkdir(workRoot, { recursive: true, mode: 0o700 });
  const root = await realpath(workRoot);
  for (const name of await readdir(root)) {
    if (!name.startsWith(workDirectoryPrefix)) continue;
    const directory = join(root, name);
    killOrphans(directory, null);
    await removeTree(directory).catch((error: unknown) => onLeftover(directory, error));
  }
  return root;
}
