/** An error as the bootstrap describes it. Only a syntax error knows its place; of others the stack tells it. */
export interface ReportedError {
  name: string;
  message: string;
  stack: string | null;
  line: number | null;
  column: number | null;
}

/** Everything that the bootstrap said about one attempt. */
export interface Report {
  /** The code compiled and was handed to Node. */
  running: boolean;
  setupFailure: string | null;
  /** The first one that nothing handled. */
  error: { kind: 'syntax_error' | 'uncaught_error'; error: ReportedError } | null;
}

export type ReportMessage =
  | { kind: 'running' }
  | { kind: 'setup_failed'; message: string }
  | { kind: 'syntax_error' | 'uncaught_error'; error: ReportedError };

export const noReport: Report = { running: false, setupFailure: null, error: null };

/** Null for whatever is not a report: the realm that it comes from is the code's too. */
export function parseReport(json: string): ReportMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  switch (value['kind']) {
    case 'running':
      return { kind: 'running' };
    case 'setup_failed':
      return { kind: 'setup_failed', message: text(value['message']) };
    case 'syntax_error':
    case 'uncaught_error':
      return isRecord(value['error']) ? { kind: value['kind'], error: reportedError(value['error']) } : null;
    default:
      return null;
  }
}

function reportedError(value: Record<string, unknown>): ReportedError {
  return {
    name: text(value['name']),
    message: text(value['message']),
    stack: typeof value['stack'] === 'string' ? value['stack'] : null,
    line: position(value['line']),
    column: position(value['column']),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function position(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null;
}
