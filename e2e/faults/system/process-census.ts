import { readdirSync, readFileSync } from 'node:fs';

const everyMs = 500;

interface Sight {
  parent: number;
  /** In ticks since the machine's start: with the id it names a process for good. */
  startedAt: string;
  name: string;
  state: string;
}

/**
 * Remembers every process that descends from those of the program under test. A sandboxed child has nothing about it that
 * says whose it was once its parent is dead; that it was seen below its parent does.
 */
export class ProcessCensus {
  readonly #roots: () => number[];
  readonly #seen = new Map<string, { pid: number; startedAt: string; name: string }>();
  #timer: NodeJS.Timeout | null = null;

  constructor(roots: () => number[]) {
    this.#roots = roots;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), everyMs);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  look(): void {
    const processes = readProcesses();
    const children = Map.groupBy(processes.entries(), ([, { parent }]) => parent);
    const waiting = this.#roots();
    for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
      const sight = processes.get(pid);
      if (sight === undefined) continue;
      this.#seen.set(`${pid} ${sight.startedAt}`, { pid, ...sight });
      waiting.push(...(children.get(pid) ?? []).map(([child]) => child));
    }
  }

  /** Of all that were seen, those that are still there. */
  alive(): string[] {
    const processes = readProcesses();
    return [...this.#seen.values()]
      .filter(({ pid, startedAt }) => {
        const now = processes.get(pid);
        return now !== undefined && now.startedAt === startedAt && now.state !== 'Z';
      })
      .map(({ pid, name }) => `${pid} ${name}`);
  }

  get size(): number {
    return this.#seen.size;
  }
}

function readProcesses(): Map<number, Sight> {
  const processes = new Map<number, Sight>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!(pid > 0)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      // The name is in parentheses, and may hold anything.
      const end = stat.lastIndexOf(')');
      const fields = stat.slice(end + 2).split(' ');
      processes.set(pid, {
        name: stat.slice(stat.indexOf('(') + 1, end),
        state: fields[0] ?? '',
        parent: Number(fields[1]),
        startedAt: fields[19] ?? '',
      });
    } catch {
      // It has ended meanwhile.
    }
  }
  return processes;
}
