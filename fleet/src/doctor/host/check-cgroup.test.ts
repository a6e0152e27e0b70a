import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkCgroup, readCgroup } from './check-cgroup.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runfleet-cgroup-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a kernel shows, as files. */
function kernel(membership: string, files: Record<string, string>) {
  const paths = { membership: join(directory, 'membership'), root: join(directory, 'cgroup') };
  writeFileSync(paths.membership, membership);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(paths.root, path, '..'), { recursive: true });
    writeFileSync(join(paths.root, path), text);
  }
  return paths;
}

test('version 2: what the unit was given with Delegate=', () => {
  const paths = kernel('0::/system.slice/worker.service\n', {
    'cgroup.controllers': 'cpuset cpu io memory pids\n',
    'system.slice/worker.service/cgroup.controllers': 'memory pids\n',
    'system.slice/worker.service/cgroup.subtree_control': '',
  });
  expect(readCgroup(paths)).toEqual({ version: 2, delegated: ['memory', 'pids'] });
});

test('version 2: a group that this process cannot write to has delegated nothing', () => {
  const paths = kernel('0::/user.slice\n', {
    'cgroup.controllers': 'cpu memory pids\n',
    'user.slice/cgroup.controllers': 'cpu memory pids\n',
  });
  expect(readCgroup(paths)).toEqual({ version: 2, delegated: [] });
});

test('version 1: one hierarchy a controller, or several in one', () => {
  const paths = kernel('8:pids:/\n4:memory:/tenant\n2:cpu:/elsewhere\n1:name=systemd:/\n0::/\n', {
    'pids/tasks': '',
    'memory/tenant/tasks': '',
  });
  expect(readCgroup(paths)).toEqual({ version: 1, delegated: ['memory', 'pids'] });
});

test('a system without control groups', () => {
  const nowhere = { membership: join(directory, 'no'), root: join(directory, 'none') };
  expect(readCgroup(nowhere)).toBeNull();
  expect(checkCgroup(nowhere).found).toBe('no control groups');
});
