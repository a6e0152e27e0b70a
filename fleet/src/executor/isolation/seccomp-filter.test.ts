import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { seccompFilter } from './seccomp-filter.ts';

interface Call {
  number: number;
  audit: number;
  firstArgument?: number;
}

/** Runs the program as the kernel does: classic BPF, as far as seccomp allows it. */
function run(filter: Buffer, { number, audit, firstArgument = 0 }: Call): string {
  const data = new Map([
    [0, number],
    [4, audit],
    [16, firstArgument],
  ]);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at += 1) {
    const code = filter.readUInt16LE(at * 8);
    const [ifTrue, ifFalse] = [filter.readUInt8(at * 8 + 2), filter.readUInt8(at * 8 + 3)];
    const operand = filter.readUInt32LE(at * 8 + 4);
    switch (code) {
      case 0x20:
        accumulator = data.get(operand)!;
        break;
      case 0x15:
        at += accumulator === operand ? ifTrue : ifFalse;
        break;
      case 0x35:
        at += accumulator >= operand ? ifTrue : ifFalse;
        break;
      case 0x45:
        at += (accumulator & operand) !== 0 ? ifTrue : ifFalse;
        break;
      case 0x06:
        return answers[operand] ?? `0x${operand.toString(16)}`;
      default:
        throw new Error(`No such instruction: 0x${code.toString(16)}`);
    }
  }
  throw new Error('It ends without an answer');
}

const answers: Record<number, string> = {
  0x7fff0000: 'allow',
  0x80000000: 'kill',
  0x00050001: 'EPERM',
  0x00050026: 'ENOSYS',
};

const [x64, arm64, i386] = [0xc000003e, 0xc00000b7, 0x40000003];
const thread = 0x3d0f00;
const fork = 0x1200011;

describe.each([
  // What Node lives on: read, write, mmap, futex, epoll_pwait, execve, socket, sendmsg, kill, prctl, seccomp.
  [
    'x64',
    x64,
    [0, 1, 9, 202, 281, 59, 41, 46, 62, 157, 317],
    { ptrace: 101, mount: 165, unshare: 272, bpf: 321, clone: 56 },
  ],
  [
    'arm64',
    arm64,
    [63, 64, 222, 98, 22, 221, 198, 211, 129, 167, 277],
    { ptrace: 117, mount: 40, unshare: 97, bpf: 280, clone: 220 },
  ],
] as const)('the filter for %s', (arch, audit, needed, denied) => {
  const filter = seccompFilter(arch)!;
  const answer = (number: number, firstArgument?: number) =>
    run(filter, firstArgument === undefined ? { number, audit } : { number, audit, firstArgument });

  it('allows what Node needs', () => {
    expect(needed.map((number) => answer(number))).toEqual(needed.map(() => 'allow'));
  });
  it('denies what is dangerous', () => {
    expect([denied.ptrace, denied.mount, denied.unshare, denied.bpf].map((number) => answer(number))).toEqual(
      Array.from({ length: 4 }, () => 'EPERM'),
    );
    // The same on every architecture: io_uring, pidfd_getfd, the new mount calls.
    expect([425, 426, 427, 438, 428, 429, 430, 431, 432, 433, 442].map((number) => answer(number))).toEqual(
      Array.from({ length: 11 }, () => 'EPERM'),
    );
  });
  it('allows threads and no processes', () => {
    expect(answer(denied.clone, thread)).toBe('allow');
    expect(answer(denied.clone, fork)).toBe('EPERM');
    expect(answer(denied.clone, 0x10000000)).toBe('EPERM');
    expect(answer(435, thread)).toBe('ENOSYS');
  });
  it('kills for a call of another architecture, whatever its number', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff_ffff),
        fc.constantFrom(i386, arch === 'x64' ? arm64 : x64),
        (number, other) => {
          expect(run(filter, { number, audit: other })).toBe('kill');
        },
      ),
    );
  });
  it('has an answer for each call', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), (number, firstArgument) => {
        expect(Object.values(answers)).toContain(answer(number, firstArgument));
      }),
    );
  });
});

it('knows no calls of x32, which have other numbers', () => {
  const filter = seccompFilter('x64')!;
  for (const number of [0, 57, 101, 520])
    expect(run(filter, { number: 0x40000000 + number, audit: x64 })).toBe('ENOSYS');
});

it('is not there for an architecture that it was not written for', () => {
  expect(seccompFilter('riscv64')).toBeNull();
});

describe('in the kernel', () => {
  const directory = mkdtempSync(join(tmpdir(), 'runfleet-seccomp-'));
  const file = join(directory, 'filter');
  const filter = seccompFilter();
  if (filter !== null) writeFileSync(file, filter);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** In nothing but the filter, or in nothing at all: with the rights of a root of its own. */
  function enclosed(command: string[], filtered: boolean) {
    const descriptor = filtered ? openSync(file, 'r') : null;
    try {
      const walls = ['--unshare-user', '--uid', '0', '--gid', '0', '--cap-add', 'ALL', '--bind', '/', '/'];
      const seccomp = filtered ? ['--seccomp', '3'] : [];
      return spawnSync('bwrap', [...walls, ...seccomp, ...command], {
        stdio: ['ignore', 'pipe', 'pipe', ...(descriptor === null ? [] : [descriptor])],
        encoding: 'utf8',
      });
    } finally {
      if (descriptor !== null) closeSync(descriptor);
    }
  }
  const usable = filter !== null && enclosed(['true'], false).status === 0;

  it.skipIf(!usable).each([
    ['a user namespace', ['unshare', '--user', 'true']],
    ['another root', ['chroot', '/', 'true']],
    ['a mount', ['mount', '--bind', '/tmp', '/tmp']],
    ['a process', ['sh', '-c', '/bin/true; exit $?']],
  ])('denies %s, which is to be had without it', (_, command) => {
    expect(enclosed(command, false)).toMatchObject({ status: 0 });
    const { status, stderr } = enclosed(command, true);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/Operation not permitted|Cannot fork|permission denied/i);
  });

  it.skipIf(!usable)('lets Node run, with threads, timers, files and zlib', () => {
    const program = `
      const { Worker } = require('node:worker_threads');
      require('node:zlib').gzip('x', () => {});
      require('node:fs').promises.readFile('/etc/hostname').then(() => {});
      new Worker('setTimeout(() => {}, 10)', { eval: true }).on('exit', (code) => console.log('worker', code));`;
    expect(enclosed([process.execPath, '-e', program], true)).toMatchObject({
      status: 0,
      stdout: 'worker 0\n',
      stderr: '',
    });
  });
});
