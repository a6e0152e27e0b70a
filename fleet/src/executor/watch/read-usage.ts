import { readFileSync, statfsSync } from 'node:fs';

/** What a process uses at a moment. */
export interface Usage {
  /** Of all its threads, since it started. */
  cpuMs: number;
  residentBytes: number;
  threads: number;
}

/** Of the kernel's own choosing, the same on every Linux that Node runs on. */
const tickMs = 10;
const pageBytes = 4096;

/** Null when the process has ended, or where there is no /proc. */
export function readUsage(pid: number): Usage | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The name in parentheses may hold anything; behind it the fields are numbers (proc(5): field 3 is first here).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    cpuMs: (field(14) + field(15)) * tickMs,
    residentBytes: field(24) * pageBytes,
    threads: field(20),
  };
}

/** Files and directories in the tmpfs of a sandboxed process; null when it is not to be seen. */
export function readInodes(pid: number, directory: string): number | null {
  try {
    const { files, ffree } = statfsSync(`/proc/${pid}/root${directory}`);
    return files - ffree;
  } catch {
    return null;
  }
}
