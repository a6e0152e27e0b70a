type Level = 'info' | 'warn' | 'error';

/** One JSON line an event; JSON escapes whatever a client sent. */
export function log(level: Level, event: string, fields: Record<string, unknown> = {}): void {
  console[level](JSON.stringify({ level, time: new Date().toISOString(), part: 'edge', event, ...fields }));
}

/** The parts of an error that a log may hold; the causes are where a database's own error is. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return { name, message, code, stack, ...(cause === undefined ? {} : { cause: describeError(cause) }) };
}
