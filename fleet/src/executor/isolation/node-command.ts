import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const bootstrapDirectory = fileURLToPath(new URL('../bootstrap/', import.meta.url)).replace(/\/$/, '');

const mib = 1024 * 1024;

export interface NodeCommand {
  /** Where the bootstrap is, as the child sees it. */
  bootstrap: string;
  directory: string;
  memoryBytes: number;
  /** Further places that the code may write to. */
  writable: readonly string[];
  /** See `workerWarningOf`. */
  workerWarning: string;
}

/** Nodes before 24 say it without a code. */
const warning = { code: 'PERM0006', type: 'SecurityWarning' };

/**
 * What silences Node's warning that Workers weaken the permission model: they are let in on purpose, and the code need
 * not hear of it. By its code where it has one, because the type would silence warnings of the code's own.
 */
export function workerWarningOf(nodePath: string): string {
  const args = ['--permission', '--allow-worker', `--disable-warning=${warning.code}`, '--eval', ''];
  const { stderr, error } = spawnSync(nodePath, args, { encoding: 'utf8', env: {} });
  // Of a Node that is not there, its first child will tell.
  return error === undefined && stderr.includes(warning.type) ? warning.type : warning.code;
}

/**
 * How Node is started in a child.
 *
 * The permission model is defence in depth: it denies what the code has no business with even if a wall around it
 * should have a hole.
 */
export function nodeArguments({
  bootstrap,
  directory,
  memoryBytes,
  writable,
  workerWarning,
}: NodeCommand): string[] {
  return [
    // The bootstrap compiles ES modules without running them, which Node has behind this flag only.
    '--experimental-vm-modules',
    '--permission',
    `--allow-fs-read=${bootstrap}`,
    `--allow-fs-read=${directory}`,
    `--allow-fs-write=${directory}`,
    ...writable.map((path) => `--allow-fs-write=${path}`),
    '--allow-worker',
    `--disable-warning=${workerWarning}`,
    // It writes where the model does not look.
    '--no-experimental-sqlite',
    `--max-old-space-size=${Math.floor(memoryBytes / mib)}`,
    `${bootstrap}/bootstrap.cjs`,
  ];
}

/** The environment in which a child is started, all of it. Nothing is inherited, so nothing of the worker's can leak. */
export function startEnvironment(directory: string): Record<string, string> {
  return {
    HOME: directory,
    TMPDIR: directory,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    // Node reads a configuration at its start, which the walls around it make an error.
    OPENSSL_CONF: '/dev/null',
  };
}
