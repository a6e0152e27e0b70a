import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { Change, Item } from './item.ts';

/** What has to be done to have this item; looks only. */
export function changeOf(item: Item): Change {
  const there = lstatSync(item.path, { throwIfNoEntry: false });
  if (there === undefined) return 'create';
  const hasMode = (mode: number) => (there.mode & 0o7777) === mode;
  switch (item.kind) {
    case 'directory':
      return there.isDirectory() && hasMode(item.mode) ? 'none' : 'replace';
    case 'link':
      return there.isSymbolicLink() && readlinkSync(item.path) === item.target ? 'none' : 'replace';
    case 'file':
      return there.isFile() && hasMode(item.mode) && readFileSync(item.path).equals(item.content)
        ? 'none'
        : 'replace';
    case 'copy':
      return there.isFile() && hasMode(item.mode) && isCopy(item.path, item.source) ? 'none' : 'replace';
  }
}

/**
 * Puts the item in its place. Files and links appear there whole: what is being executed or read goes on with what it had.
 * The directory that an item is in is made when it is missing.
 */
export function applyItem(item: Item): void {
  if (item.kind === 'directory') {
    mkdirSync(item.path, { recursive: true });
    return chmodSync(item.path, item.mode);
  }
  const beside = `${item.path}.new`;
  rmSync(beside, { force: true });
  if (item.kind === 'link') symlinkSync(item.target, beside);
  else {
    if (item.kind === 'copy') copyFileSync(item.source, beside, constants.COPYFILE_FICLONE);
    else writeFileSync(beside, item.content, { mode: 0o600 });
    chmodSync(beside, item.mode);
  }
  renameSync(beside, item.path);
}

function isCopy(path: string, source: string): boolean {
  if (path === source) return true;
  const sizes = [lstatSync(path).size, lstatSync(source).size];
  return sizes[0] === sizes[1] && readFileSync(path).equals(readFileSync(source));
}
