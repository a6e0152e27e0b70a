import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { defaultLimits } from '@runfleet/shared/model/task-limits.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { delegationHere } from '../testing/delegation-here.ts';
import { eventually, isAlive } from '../testing/executor-under-test.ts';
import type { AttemptCgroup } from './attempt-cgroup.ts';
import { AttemptCgroups } from './attempt-cgroups.ts';
import { readCgroup } from './cgroup-files.ts';
import { enteringCgroup } from './enter-cgroup.ts';

const { delegation, missing } = delegationHere();
const lacks = (controller: 'memory' | 'pids') => delegation?.controllers.includes(controller) !== true;
const mib = 1024 * 1024;
const limits = { ...defaultLimits, cpuMs: 20_000, memoryBytes: 64 * mib };

describe.skipIf(delegation === null)(
  `control groups of attempts (${missing?.why ?? 'with all controllers'})`,
  () => {
    let workRoot: string;
    let groups: AttemptCgroups;
    const before = new Set(attemptGroups());
    beforeEach(async () => {
      workRoot = `/${randomUUID()}`;
      groups = await AttemptCgroups.open(delegation!, workRoot);
    });
    afterEach(async () => {
      await groups.close();
      expect(attemptGroups().filter((name) => !before.has(name))).toEqual([]);
    });

    it('are what a child is in from its first instruction, and whatever it starts', async () => {
      const group = groups.create();
      const child = start(
        group,
        `grep ^0:: /proc/self/cgroup; setsid sh -c 'grep ^0:: /proc/self/cgroup; sleep 60' & sleep 60`,
      );
      const [one, other] = await lines(child, 2);
      expect(one).toMatch(/\/runfleet-attempts-\w+\/1$/);
      expect(other).toBe(one);
      await group.remove();
    });

    it('die as a whole, with what has left its process group and session', async () => {
      const group = groups.create();
      const child = start(
        group,
        `for i in 1 2 3; do setsid sh -c 'trap "" TERM HUP; echo $$; sleep 60; sleep 60' & done; sleep 60`,
      );
      const pids = (await lines(child, 3)).map(Number);
      expect(await Promise.all(pids.map(isAlive))).toEqual([true, true, true]);
      await group.remove();
      expect(await Promise.all(pids.map(isAlive))).toEqual([false, false, false]);
      expect(existsSync(group.directory)).toBe(false);
    });

    it('die while they fork as fast as they can', async () => {
      const group = groups.create();
      const child = start(
        group,
        `echo on; bomb() { for i in 1 2 3 4 5 6 7 8; do sleep 60 & done; wait; }; while :; do sleep 0.001 & done & bomb`,
      );
      await lines(child, 1);
      await group.remove();
      expect(existsSync(group.directory)).toBe(false);
    });

    it('may be killed and removed again when they are gone', async () => {
      const group = groups.create();
      await group.remove();
      group.kill();
      await expect(group.remove()).resolves.toBeUndefined();
    });

    it('are swept by the next worker with the same work root, with groups below them, and by no other', async () => {
      const group = groups.create();
      const child = start(group, `echo $$; sleep 60`);
      mkdirSync(join(group.directory, 'inner/deeper'), { recursive: true });
      const [pid] = (await lines(child, 1)).map(Number);
      await AttemptCgroups.open(delegation!, `${workRoot}-other`);
      expect(await isAlive(pid!)).toBe(true);
      await AttemptCgroups.open(delegation!, workRoot);
      expect(await isAlive(pid!)).toBe(false);
      expect(existsSync(dirname(group.directory))).toBe(false);
    });

    describe.skipIf(lacks('memory'))('with the controller of memory', () => {
      const hog = (bytes: number) =>
        `head -c ${bytes} /dev/zero | tail -c ${bytes} >/dev/null; echo survived`;

      it('have the kernel kill all of them for one that takes too much, and say so', async () => {
        const group = groups.create();
        group.limit(limits, false);
        const child = start(group, `setsid sleep 60 & ${hog(1024 * mib)}`);
        const [, signal] = await once(child, 'exit');
        expect(signal).toBe('SIGKILL');
        const { outOfMemory, memoryPeakBytes } = group.read();
        expect(outOfMemory).toBe('group');
        expect(memoryPeakBytes).toBeGreaterThan(100 * mib);
        expect(memoryPeakBytes).toBeLessThanOrEqual(128 * mib);
        await eventually(async () => (readCgroup(group.directory, 'cgroup.procs') === '' ? 'empty' : null));
        await group.remove();
      });

      it('say nothing of it when something else killed them', async () => {
        const group = groups.create();
        group.limit(limits, false);
        const child = start(group, `${hog(50 * mib)}; kill -9 $$`);
        expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
        expect(group.read()).toEqual({ outOfMemory: 'no', memoryPeakBytes: expect.any(Number) });
        await group.remove();
      });
    });

    describe.skipIf(lacks('pids'))('with the controller of processes', () => {
      it('have no more threads than they may, plus what stands around them', async () => {
        const group = groups.create();
        group.limit(limits, false);
        const child = start(
          group,
          `i=0; while [ $i -lt 500 ]; do sleep 60 & i=$((i + 1)); done; echo done; sleep 60`,
        );
        await once(child.stderr!, 'data');
        expect(Number(readCgroup(group.directory, 'pids.current'))).toBeLessThanOrEqual(limits.threads + 16);
        expect(readCgroup(group.directory, 'pids.events')).toMatch(/^max [1-9]/);
        await group.remove();
      });
    });
  },
);

function attemptGroups(): string[] {
  return delegation === null
    ? []
    : readdirSync(delegation.directory).filter((name) => name.startsWith('runfleet-attempts-'));
}

function start(group: AttemptCgroup, script: string): ChildProcess {
  const { command, args } = enteringCgroup(
    {
      command: '/bin/sh',
      args: ['-c', script],
      cwd: '/',
      environment: {},
      descriptors: [],
      directory: '/',
      hostDirectory: null,
      depth: 0,
    },
    group.directory,
  );
  return spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
}

async function lines(child: ChildProcess, count: number): Promise<string[]> {
  const read: string[] = [];
  for await (const line of createInterface(child.stdout!)) {
    read.push(line);
    if (read.length === count) break;
  }
  return read;
}
