import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Kills a process group; nothing happens when there is none any more. */
export function reap(groupId: number): void {
  signalGroup(groupId, 'SIGKILL');
}

/** Kills what is left of a process group, and waits until nothing is. */
export async function reapAndWait(groupId: number): Promise<void> {
  for (let tries = 0; tries < 250; tries += 1) {
    reap(groupId);
    if (!groupExists(groupId)) return;
    await delay(20);
  }
}

/** Whether there is such a process group, and somebody in it lives. */
export function groupExists(groupId: number): boolean {
  return signalGroup(groupId, 0) && !isOfZombies(groupId);
}

/** The dead that process 1 has not yet buried, which takes some of its kind seconds. False where there is no /proc. */
function isOfZombies(groupId: number): boolean {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(readState)
      .every((process) => process?.groupId !== groupId || process.state === 'Z');
  } catch {
    return false;
  }
}

/** Null for a process that has ended meanwhile. */
function readState(pid: string): { state: string | undefined; groupId: number } | null {
  try {
    // `<pid> (<name>) <state> <parent> <group> …`, and the name may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , groupId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, groupId: Number(groupId) };
  } catch {
    return null;
  }
}

function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch {
    // Everyone in it has ended.
    return false;
  }
}

/**
 * Sees to it that no process outlives the stack, even when the stack is killed: a process that holds one end of a pipe
 * and kills every group it was told of when the other end is gone.
 */
export interface Reaper {
  watch(groupId: number): void;
  forget(groupId: number): void;
  close(): Promise<void>;
}

const program = `
const groups = new Set();
let text = '';
process.stdin.setEncoding('utf8').on('data', (chunk) => {
  const lines = (text += chunk).split('\\n');
  text = lines.pop();
  for (const line of lines) line[0] === '+' ? groups.add(+line.slice(1)) : groups.delete(+line.slice(1));
}).on('end', () => {
  for (const group of groups) try { process.kill(-group, 'SIGKILL'); } catch {}
});
`;

export function startReaper(): Reaper {
  const child = spawn(process.execPath, ['-e', program], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  return {
    watch: (groupId) => void child.stdin.write(`+${groupId}\n`),
    forget: (groupId) => void child.stdin.write(`-${groupId}\n`),
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
