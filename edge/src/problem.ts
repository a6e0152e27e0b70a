import { errorCatalogue, type ErrorCode } from '@runfleet/shared/errors.ts';

export interface ProblemExtras {
  /** What was wrong in this very case. */
  detail?: string;
  /** Where in the input it was wrong. */
  errors?: { path: string; message: string }[];
  [extension: string]: unknown;
}

/** An error that the client is told about; anything else that is thrown is `internal` to it. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly code: ErrorCode;
  readonly extras: ProblemExtras;
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, extras: ProblemExtras = {}, headers: Record<string, string> = {}) {
    super(code);
    this.code = code;
    this.extras = extras;
    this.headers = headers;
  }
}

/** RFC 9457: the catalogue's entry, what is special about this case, and the id under which the log has the rest. */
export function problemResponse(problem: ProblemError, requestId: string): Response {
  const { status, title, remedy } = errorCatalogue[problem.code];
  const body = {
    type: `urn:runfleet:error:${problem.code}`,
    title,
    status,
    code: problem.code,
    ...problem.extras,
    remedy,
    requestId,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...problem.headers },
  });
}
