import { randomUUID } from 'node:crypto';
import { chmod, lstat, opendir, rename, rmdir, unlink } from 'node:fs/promises';

/**
 * Removes a directory whatever is in it: directories without permissions, trees deeper than the longest path, links
 * (removed, never followed). Every directory below is opened up and moved to the top before it is emptied, so no path
 * is ever longer than the root's and two names.
 *
 * Removes what it can, then rejects with the first failure. No process may be at work in the tree any more.
 */
export async function removeTree(root: string): Promise<void> {
  let failure: unknown = null;
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') failure ??= error;
    }
  };

  const movedName = `.removed-${randomUUID()}`;
  let moved = 0;
  const top = Buffer.from(root);
  const pending: Buffer[] = [top];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const current = directory;
    await attempt(async () => {
      // The code owned this path too: a link in the root's place would have us empty what it points to.
      if (!(await lstat(current)).isDirectory()) return unlink(current);
      await chmod(current, 0o700);
      for await (const entry of await opendir(current, { bufferSize: 256, encoding: 'latin1' })) {
        const path = below(current, entry.name);
        await attempt(async () => {
          if (!entry.isDirectory()) return unlink(path);
          if (current === top) return void pending.push(path);
          // One without permissions cannot be moved.
          await chmod(path, 0o700);
          const target = below(top, `${movedName}-${moved++}`);
          await rename(path, target);
          pending.push(target);
        });
      }
    });
    if (current !== top) await attempt(() => rmdir(current));
  }
  // What went wrong on the way does not matter when nothing is left.
  await rmdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw failure ?? error;
  });
}

/** Names are bytes, read as latin1: the code may have given a file one that is no UTF-8. */
function below(directory: Buffer, name: string): Buffer {
  return Buffer.concat([directory, Buffer.from(`/${name}`, 'latin1')]);
}
