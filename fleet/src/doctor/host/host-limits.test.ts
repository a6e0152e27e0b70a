import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WorkerPlan } from '../plan.ts';
import { checkDisk, readDiskSpace } from './check-disk.ts';
import { checkMemory } from './check-memory.ts';
import { checkNode } from './check-node.ts';
import { checkOpenFiles } from './check-open-files.ts';
import { checkProcesses } from './check-processes.ts';
import { readLimits } from './read-limits.ts';

const mib = 1024 * 1024;
const plan: WorkerPlan = { isolation: 'sandbox', workDir: '/task', concurrency: 4, poolSize: 2 };
const atProcess: WorkerPlan = { ...plan, isolation: 'process' };

test.each([
  ['24.0.0', 'ok'],
  ['26.1.2', 'ok'],
  ['22.21.0', 'failed'],
])('Node %s is %s', (version, status) => {
  expect(checkNode(version).status).toBe(status);
});

test.each([
  [8192 * mib, 'ok', null],
  [1024 * mib, 'warning', '--concurrency 2'],
  [256 * mib, 'failed', '--pool 1, or a larger host'],
])('memory of %i bytes is %s', (bytes, status, remedy) => {
  expect(checkMemory(bytes, plan)).toMatchObject({ status, remedy });
});

test.each([
  [Infinity, 'ok'],
  [4096, 'ok'],
  [1024, 'warning'],
  [200, 'failed'],
])('%d open files are %s', (files, status) => {
  expect(checkOpenFiles(files, plan).status).toBe(status);
});

test.each([
  [Infinity, 'ok'],
  [1000, 'ok'],
  [100, 'warning'],
])('%d processes are %s', (processes, status) => {
  expect(checkProcesses(processes, plan).status).toBe(status);
});

test.each([
  [plan, 64 * mib, 1_000, 'ok'],
  [atProcess, 64 * mib, 100_000, 'warning'],
  [atProcess, 1024 * mib, 1_000, 'warning'],
  [atProcess, 1024 * mib, Infinity, 'ok'],
  [plan, 1 * mib, 1_000, 'failed'],
  [plan, 64 * mib, 0, 'failed'],
])('a disk: %o, %i bytes and %d inodes free: %s', (for_, freeBytes, freeInodes, status) => {
  expect(checkDisk({ freeBytes, freeInodes }, for_).status).toBe(status);
});

test('the space of a directory that is still to be made is that of where it will be', async () => {
  const { freeBytes, freeInodes } = await readDiskSpace(join(tmpdir(), 'not', 'made', 'yet'));
  expect(freeBytes).toBeGreaterThan(0);
  expect(freeInodes).toBeGreaterThan(0);
});

test('this host has limits that are numbers', () => {
  const limits = readLimits();
  for (const limit of Object.values(limits)) expect(limit).toBeGreaterThan(0);
  expect(limits.memoryBytes).toBeLessThan(Infinity);
});
