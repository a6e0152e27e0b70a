import { accessSync, constants, lstatSync, realpathSync, type Stats } from 'node:fs';
import { isAbsolute } from 'node:path';
import { bootstrapDirectory } from './node-command.ts';

/** Where the sandbox has something of its own. */
const taken = ['/task', '/runtime', '/proc', '/dev', '/sys'];

/**
 * Why no task may be given a path of the host to write to; null when it may. Whoever allows one makes a hole on
 * purpose, and this refuses only what would be another hole than was meant.
 */
export function refuseAllowedPath(path: string): string | null {
  if (!isAbsolute(path)) return 'it must be absolute';
  // Node's permission model would take it for any name.
  if (path.includes('*')) return 'it must not contain "*"';
  let stats: Stats;
  try {
    stats = lstatSync(path);
    if (realpathSync(path) !== path) return `it must be the place itself, which is ${realpathSync(path)}`;
    accessSync(path, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'there is no such file or directory' : `it cannot be written to (${code})`;
  }
  if (!stats.isFile() && !stats.isDirectory()) return 'it must be a file or a directory';
  if (taken.some((place) => overlap(path, place))) return 'the sandbox has something of its own there';
  if (overlap(path, bootstrapDirectory)) return 'the code that stands around each task is there';
  return null;
}

/** Whether one path is the other, or is in it. */
export function overlap(one: string, other: string): boolean {
  return isIn(one, other) || isIn(other, one);
}

function isIn(path: string, directory: string): boolean {
  return `${path}/`.startsWith(directory === '/' ? '/' : `${directory}/`);
}
