import { expect, test } from 'vitest';
import { checkCgroup } from './check-cgroup.ts';

const directory = '/sys/fs/cgroup/system.slice/runfleet-worker@a.service';
const missing = { why: 'pids is not delegated', remedy: 'Delegate=yes' };

test('all that there is', () => {
  const found = checkCgroup({ delegation: { directory, controllers: ['memory', 'pids'] }, missing: null });
  expect(found).toMatchObject({ status: 'ok', remedy: null });
  expect(found.found).toBe(`version 2, memory and pids delegated at ${directory}`);
});

test('a part of it', () => {
  const found = checkCgroup({ delegation: { directory, controllers: ['memory'] }, missing });
  expect(found).toMatchObject({ status: 'warning', found: missing.why, remedy: 'Delegate=yes' });
  expect(found.means).toContain('the kernel holds its memory');
});

test('nothing', () => {
  const found = checkCgroup({ delegation: null, missing });
  expect(found).toMatchObject({ status: 'warning', remedy: 'Delegate=yes' });
  expect(found.means).not.toContain('the kernel');
});

test('this host', () => {
  const { status, found } = checkCgroup();
  expect(status).toBe(found.startsWith('version 2, ') ? 'ok' : 'warning');
});
