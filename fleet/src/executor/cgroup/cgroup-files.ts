import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes to one of a group's files. Throws what the kernel answers: EBUSY, EACCES, ENOENT, … */
export function writeCgroup(group: string, file: string, text: string): void {
  writeFileSync(join(group, file), text, { flag: 'r+' });
}

/** Null where there is no such file, because of the kernel or because the controller is not enabled. */
export function readCgroup(group: string, file: string): string | null {
  try {
    return readFileSync(join(group, file), 'utf8').trim();
  } catch {
    return null;
  }
}

/** One value of a file of lines `<key> <number>`, such as `memory.events`. */
export function readCount(group: string, file: string, key: string): number | null {
  const line = readCgroup(group, file)
    ?.split('\n')
    .find((text) => text.startsWith(`${key} `));
  return line === undefined ? null : Number(line.slice(key.length + 1));
}

/** `EBUSY`, `EACCES` and the like; what else was thrown as it reads. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
