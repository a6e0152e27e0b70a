import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeTree } from './remove-tree.ts';

let base = '';
let root = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'runfleet-remove-'));
  root = join(base, 'tree');
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

it('removes files, directories, links and sockets, and follows no link', async () => {
  writeFileSync(join(base, 'kept'), 'kept');
  mkdirSync(join(base, 'kept-directory'));
  writeFileSync(join(base, 'kept-directory', 'file'), 'kept');
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  writeFileSync(join(root, 'a/b/c/file'), '');
  symlinkSync(join(base, 'kept'), join(root, 'to-file'));
  symlinkSync(join(base, 'kept-directory'), join(root, 'a/to-directory'));
  symlinkSync('nowhere', join(root, 'a/dangling'));
  spawnSync('mkfifo', [join(root, 'a/fifo')]);

  await removeTree(root);
  expect(existsSync(root)).toBe(false);
  expect(readFileSync(join(base, 'kept'), 'utf8')).toBe('kept');
  expect(readFileSync(join(base, 'kept-directory/file'), 'utf8')).toBe('kept');
});

it('removes a link in the place of the directory, and not what it points to', async () => {
  const target = join(base, 'target');
  mkdirSync(target, { mode: 0o755 });
  writeFileSync(join(target, 'file'), '');
  rmSync(root, { recursive: true });
  symlinkSync(target, root);
  await removeTree(root);
  expect(lstatSync(root, { throwIfNoEntry: false })).toBeUndefined();
  expect(existsSync(join(target, 'file'))).toBe(true);
  expect(lstatSync(target).mode & 0o777).toBe(0o755);
});

it('opens directories that have no permissions', async () => {
  mkdirSync(join(root, 'a/b'), { recursive: true });
  writeFileSync(join(root, 'a/b/file'), '', { mode: 0 });
  for (const path of ['a/b', 'a', '.']) chmodSync(join(root, path), 0);
  await removeTree(root);
  expect(existsSync(root)).toBe(false);
});

it('removes a tree that is deeper than the longest path', async () => {
  // Built from the bottom up, for no path reaches it from the top.
  const name = 'd'.repeat(200);
  writeFileSync(join(root, 'file'), '');
  for (let depth = 0; depth < 60; depth++) {
    renameSync(root, join(base, 'inner'));
    mkdirSync(root);
    renameSync(join(base, 'inner'), join(root, name));
  }
  await removeTree(root);
  expect(existsSync(root)).toBe(false);
});

it('removes a directory with many entries', async () => {
  for (let i = 0; i < 3000; i++) writeFileSync(join(root, `file-${i}`), '');
  for (let i = 0; i < 300; i++) mkdirSync(join(root, `directory-${i}/x`), { recursive: true });
  await removeTree(root);
  expect(existsSync(root)).toBe(false);
});

it('is content with a directory that is not there', async () => {
  await expect(removeTree(join(base, 'nothing'))).resolves.toBeUndefined();
});

it('removes what it can of a tree with something immutable, and says what it could not', async (context) => {
  mkdirSync(join(root, 'a'));
  writeFileSync(join(root, 'a/file'), '');
  writeFileSync(join(root, 'immutable'), '');
  const chattr = (flag: string) => spawnSync('chattr', [flag, join(root, 'immutable')]).status;
  if (chattr('+i') !== 0) return context.skip('this file system, or this user, knows no immutable files');
  try {
    await expect(removeTree(root)).rejects.toMatchObject({ code: 'EPERM', path: join(root, 'immutable') });
    expect(existsSync(join(root, 'a'))).toBe(false);
  } finally {
    chattr('-i');
  }
});
