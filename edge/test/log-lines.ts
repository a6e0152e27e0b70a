import { afterEach, beforeEach, vi } from 'vitest';

export interface LogLines {
  /** What was written, exactly. */
  text(): string;
  /** Its events, parsed; all of them, or those of one name. Fails for a line that is not one line of JSON. */
  events(name?: string): Record<string, unknown>[];
}

/** Keeps what the edge logs during each test of a file, and out of the test's own output. */
export function useLogLines(): LogLines {
  let written: unknown[][] = [];
  beforeEach(() => {
    written = [];
    for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((...args: unknown[]) => void written.push(args));
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const events = () =>
    written.map(([line, ...rest]) => {
      if (typeof line !== 'string' || rest.length > 0 || /[\n\r]/.test(line)) {
        throw new Error(`not one line: ${JSON.stringify([line, ...rest])}`);
      }
      return JSON.parse(line) as Record<string, unknown>;
    });
  return {
    text: () => written.map((args) => args.join(' ')).join('\n'),
    events: (name) => events().filter((event) => name === undefined || event['event'] === name),
  };
}
