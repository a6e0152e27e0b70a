import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Rounds of looking, since an orphan may fork while it is being looked for. */
const rounds = 10;

/**
 * Kills the processes that have left the process group of an attempt: those that work in its directory, or were
 * started with it as their TMPDIR. Best effort, and Linux only: a process that changes both gets away, until
 * attempts run in namespaces of their own. Returns how many it killed.
 *
 * `childPid`, when known, bounds the search to processes that are younger than the child.
 */
export function killOrphans(directory: string, childPid: number | null): number {
  let killed = 0;
  for (let round = 0; round < rounds; round++) {
    const orphans = candidates(childPid).filter((pid) => belongsTo(pid, directory));
    if (orphans.length === 0) break;
    for (const pid of orphans) {
      if (kill(pid)) killed++;
    }
  }
  return killed;
}

function candidates(childPid: number | null): number[] {
  let pids: number[];
  try {
    pids = readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid);
  } catch {
    return [];
  }
  if (childPid === null) return pids;
  const lastPid = readLastPid();
  // Process ids go up, and begin again below the child's when they have reached their maximum.
  if (lastPid === null) return pids;
  if (lastPid >= childPid) return pids.filter((pid) => pid > childPid && pid <= lastPid);
  return pids.filter((pid) => pid > childPid || pid <= lastPid);
}

function readLastPid(): number | null {
  const lastPid = Number(read('/proc/loadavg').trim().split(' ').at(-1));
  return lastPid > 0 ? lastPid : null;
}

function belongsTo(pid: number, directory: string): boolean {
  const cwd = readCwd(pid);
  if (cwd === directory || cwd.startsWith(`${directory}/`)) return true;
  return read(`/proc/${pid}/environ`).split('\0').includes(`TMPDIR=${directory}`);
}

function readCwd(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** Empty for a process that has ended meanwhile, or is not ours. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
