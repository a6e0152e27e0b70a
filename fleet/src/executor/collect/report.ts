import type { TaskValue } from '@runfleet/shared/model/outcome.ts';

/** An error as the bootstrap describes it. */
export interface ReportedError {
  name: string;
  message: string;
  stack: string | null;
  /** Only of a syntax error, and only when it is located; of others the stack tells it. */
  line: number | null;
  column: number | null;
  /** False when only Node knows the place, which then stands in what it printed to stderr; see locate-in-stderr.ts. */
  located: boolean;
  cause: ReportedError | null;
}

export type ErrorReport =
  | { kind: 'syntax_error'; error: ReportedError }
  /** `memory`: it is what V8 or Node throws when an allocation has failed. */
  | { kind: 'uncaught_error'; error: ReportedError; memory: boolean };

/** How the process says that it ends, and what it has used since it got its task. */
export interface Exiting {
  /** As the system keeps it, 0 to 255. */
  code: number;
  cpuMs: number | null;
  memoryPeakBytes: number | null;
}

/** Why the code could not be put where it would run. `code` is the system's, such as `ENOSPC`. */
export interface SetupFailure {
  message: string;
  code: string;
}

/** Everything that the bootstrap said about one attempt. */
export interface Report {
  /** The code compiled and was handed to Node. */
  running: boolean;
  setupFailure: SetupFailure | null;
  /** The first one that nothing handled. */
  error: ErrorReport | null;
  /** Null also when the main module was not evaluated to its end. */
  value: TaskValue | null;
  /** The last that it said of its end; null when it ended otherwise, as by a signal, or would not say. */
  exiting: Exiting | null;
}

export type ReportMessage =
  | { kind: 'running' }
  | { kind: 'setup_failed'; failure: SetupFailure }
  | { kind: 'value'; value: TaskValue }
  | { kind: 'exiting'; exiting: Exiting }
  | ErrorReport;

export const noReport: Report = {
  running: false,
  setupFailure: null,
  error: null,
  value: null,
  exiting: null,
};

/** Deeper than any that the bootstrap reports. */
const depthLimit = 8;

/** Null for whatever is not a report: the realm that it comes from is the code's too. */
export function parseReport(json: string): ReportMessage | null {
  let message: unknown;
  try {
    message = JSON.parse(json);
  } catch {
    return null;
  }
  if (!isRecord(message)) return null;
  switch (message['kind']) {
    case 'running':
      return { kind: 'running' };
    case 'setup_failed':
      return {
        kind: 'setup_failed',
        failure: { message: text(message['message']), code: text(message['code']) },
      };
    case 'syntax_error': {
      const error = reportedError(message['error'], 0);
      return error && { kind: 'syntax_error', error };
    }
    case 'uncaught_error': {
      const error = reportedError(message['error'], 0);
      return error && { kind: 'uncaught_error', error, memory: message['memory'] === true };
    }
    case 'value': {
      const value = taskValue(message['value']);
      return value && { kind: 'value', value };
    }
    case 'exiting':
      return { kind: 'exiting', exiting: exiting(message) };
    default:
      return null;
  }
}

function reportedError(value: unknown, depth: number): ReportedError | null {
  if (!isRecord(value) || depth > depthLimit) return null;
  return {
    name: text(value['name']),
    message: text(value['message']),
    stack: typeof value['stack'] === 'string' ? value['stack'] : null,
    line: position(value['line']),
    column: position(value['column']),
    located: value['located'] !== false,
    cause: reportedError(value['cause'], depth + 1),
  };
}

function taskValue(value: unknown): TaskValue | null {
  if (!isRecord(value)) return null;
  const { json, note } = value;
  if (typeof json === 'string') return isJson(json) ? { json: json.toWellFormed() } : null;
  return typeof note === 'string' ? { note: note.replaceAll('\0', '\ufffd').toWellFormed() } : null;
}

function isJson(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

function exiting(value: Record<string, unknown>): Exiting {
  const { code, cpuMs, memoryPeakBytes } = value;
  return {
    code: Number.isSafeInteger(code) ? (code as number) : 0,
    cpuMs: amount(cpuMs),
    memoryPeakBytes: Number.isSafeInteger(memoryPeakBytes) ? amount(memoryPeakBytes) : null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function position(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null;
}
