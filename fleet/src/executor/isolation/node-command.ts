import { fileURLToPath } from 'node:url';

export const bootstrapDirectory = fileURLToPath(new URL('../bootstrap/', import.meta.url)).replace(/\/$/, '');

const mib = 1024 * 1024;

/**
 * How Node is started in a child.
 *
 * The permission model is defence in depth: it denies what the code has no business with even if a wall around it
 * should have a hole. `bootstrap` is where the bootstrap is, as the child sees it.
 */
export function nodeArguments(bootstrap: string, directory: string, memoryBytes: number): string[] {
  return [
    // The bootstrap compiles ES modules without running them, which Node has behind this flag only.
    '--experimental-vm-modules',
    '--permission',
    `--allow-fs-read=${bootstrap}`,
    `--allow-fs-read=${directory}`,
    `--allow-fs-write=${directory}`,
    '--allow-worker',
    // It says that Workers weaken the model. They are let in on purpose, and the code need not hear of it.
    '--disable-warning=PERM0006',
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
