import { existsSync, readFileSync } from 'node:fs';

/** One run of a program, by what it wrote down itself, outside of everything that Runfleet records. */
export interface Execution {
  /** Of the submission. */
  key: string;
  attempt: number;
  /** Drawn by the program when it started, so two executions of one attempt are two. */
  id: string;
  startedAtMs: number;
  /** Its last sign of life. */
  lastSeenAtMs: number;
  /** Whether it came to its end. */
  ended: boolean;
}

export function readLedger(file: string): Execution[] {
  if (!existsSync(file)) return [];
  return toExecutions(readFileSync(file, 'utf8'));
}

/** Lines are `key attempt id start|alive|end milliseconds`. */
export function toExecutions(text: string): Execution[] {
  const executions = new Map<string, Execution>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [key = '', attempt, id = '', what, at] = line.split(' ');
    const atMs = Number(at);
    const execution = executions.get(id) ?? {
      key,
      attempt: Number(attempt),
      id,
      startedAtMs: atMs,
      lastSeenAtMs: atMs,
      ended: false,
    };
    execution.startedAtMs = Math.min(execution.startedAtMs, atMs);
    execution.lastSeenAtMs = Math.max(execution.lastSeenAtMs, atMs);
    execution.ended ||= what === 'end';
    executions.set(id, execution);
  }
  return [...executions.values()];
}
