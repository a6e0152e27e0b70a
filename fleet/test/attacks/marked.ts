import { readdir, readFile } from 'node:fs/promises';
import type { Isolation } from '../../src/executor/isolation/isolation.ts';

const variable = 'RUNFLEET_ATTACK_MARK';

/** The isolation, with a mark in the environment of all that it starts: by it they are found wherever they have gone. */
export function marked(isolation: Isolation, mark: string): Isolation {
  return {
    ...isolation,
    async enclose(workRoot, limits) {
      const enclosure = await isolation.enclose(workRoot, limits);
      return { ...enclosure, environment: { ...enclosure.environment, [variable]: mark } };
    },
  };
}

/** The live processes that were started with the mark. */
export async function processesWith(mark: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(pids.map(async (pid) => ((await carries(pid, mark)) ? [pid] : [])));
  return found.flat();
}

/** A zombie has no environment any more. */
async function carries(pid: number, mark: string): Promise<boolean> {
  const environ = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environ.split('\0').includes(`${variable}=${mark}`);
}
