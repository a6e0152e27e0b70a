import { pino } from 'pino';
import type { Logger } from '../src/log.ts';

export interface CollectedLog {
  logger: Logger;
  /** Every line as it was written. */
  lines: string[];
  /** How many lines are of this event. */
  count(event: string): number;
}

/** A logger that keeps its lines, for tests that wait for one. */
export function collectLog(): CollectedLog {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  return {
    logger,
    lines,
    count: (event) => lines.filter((line) => (JSON.parse(line) as { event?: string }).event === event).length,
  };
}
