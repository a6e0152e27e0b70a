/**
 * The system-call filter of the sandbox, as the classic BPF program that the kernel takes (linux/filter.h,
 * linux/seccomp.h): instructions of 8 bytes, each a code, two jumps, and an operand.
 *
 * It names what is denied. A list of what is allowed breaks with every new Node and libc, and under load; what Node
 * needs changes, what is dangerous hardly does. A denied call fails with EPERM, which code can handle.
 */

/** Calls that reach other processes, the kernel's own configuration, or kernel code with a history of holes. */
const deniedCalls = {
  // name: [x86-64, arm64]; null where the architecture has no such call
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  move_mount: [429, 429],
  open_tree: [428, 428],
  mount_setattr: [442, 442],
  unshare: [272, 97],
  setns: [308, 268],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  syslog: [103, 116],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  personality: [135, 92],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  modify_ldt: [154, null],
  iopl: [172, null],
  ioperm: [173, null],
  // A task is one process: threads are made by clone, below.
  fork: [57, null],
  vfork: [58, null],
} satisfies Record<string, [number, number | null]>;

const architectures = {
  x64: { audit: 0xc000003e, index: 0, clone: 56, firstForeignCall: 0x40000000 },
  arm64: { audit: 0xc00000b7, index: 1, clone: 220, firstForeignCall: null },
} as const;

const clone3 = 435;
const cloneThread = 0x0001_0000;

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfSet = 0x45;
const answer = 0x06;

const allow = 0x7fff_0000;
const kill = 0x8000_0000;
const eperm = 0x0005_0000 | 1;
const enosys = 0x0005_0000 | 38;

/** Offsets in `struct seccomp_data`. */
const callNumber = 0;
const architecture = 4;
const firstArgument = 16;

/**
 * The filter for this machine, as the bytes that bubblewrap's `--seccomp` reads.
 *
 * @returns null on an architecture that it was not written for
 */
export function seccompFilter(arch: string = process.arch): Buffer | null {
  if (arch !== 'x64' && arch !== 'arm64') return null;
  const { audit, index, clone, firstForeignCall } = architectures[arch];
  const denied = Object.values(deniedCalls).flatMap((numbers) => numbers[index] ?? []);
  return Buffer.concat([
    // Calls of another architecture have other numbers: they would pass by the list.
    instruction(load, architecture),
    instruction(jumpIfEqual, audit, 1, 0),
    instruction(answer, kill),
    instruction(load, callNumber),
    ...(firstForeignCall === null
      ? []
      : [instruction(jumpIfAtLeast, firstForeignCall, 0, 1), instruction(answer, enosys)]),
    ...denied.flatMap((number) => [instruction(jumpIfEqual, number, 0, 1), instruction(answer, eperm)]),
    // Its flags are in memory, where a filter cannot look; without it libc falls back on clone.
    instruction(jumpIfEqual, clone3, 0, 1),
    instruction(answer, enosys),
    // Threads, and nothing else: no processes, no namespaces.
    instruction(jumpIfEqual, clone, 0, 3),
    instruction(load, firstArgument),
    instruction(jumpIfSet, cloneThread, 1, 0),
    instruction(answer, eperm),
    instruction(answer, allow),
  ]);
}

function instruction(code: number, operand: number, ifTrue = 0, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(operand >>> 0, 4);
  return bytes;
}
