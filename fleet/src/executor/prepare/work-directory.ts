import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

export const workDirectoryPrefix = 'attempt-';

/** A fresh directory that only this user may enter (mkdtemp gives it mode 0700). */
export async function createWorkDirectory(workRoot: string): Promise<string> {
  return mkdtemp(join(workRoot, workDirectoryPrefix));
}
