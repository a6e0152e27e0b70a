/**
 * Every error that a client of the API can meet. `code` is stable; `status` is its HTTP status; `title` is the same for
 * every occurrence; `remedy` says what to do about it. `docs/errors.md` lists them all, and a test holds the two equal.
 */
export const errorCatalogue = {
  invalid_json: {
    status: 400,
    title: 'The body is not JSON',
    remedy: 'Send one JSON object, encoded as UTF-8.',
  },
  invalid_task_id: {
    status: 400,
    title: 'That is not a task id',
    remedy: 'Use the `id` of a task as `POST /tasks` answered it: a UUID.',
  },
  invalid_worker_id: {
    status: 400,
    title: 'That is not a worker id',
    remedy: 'Use an `id` from `GET /workers`: letters, digits, `.`, `_` and `-`, at most 64.',
  },
  invalid_query: {
    status: 400,
    title: 'The query string is not valid',
    remedy: 'Mend the parameters that `errors` names; `cursor` must be a `nextCursor` from the page before.',
  },
  invalid_idempotency_key: {
    status: 400,
    title: 'The Idempotency-Key is not valid',
    remedy: 'Send 1 to 255 printable ASCII characters, such as a UUID.',
  },
  unauthenticated: {
    status: 401,
    title: 'No valid API key',
    remedy:
      'Send `Authorization: Bearer rf_…` with a key that has not been revoked; `runfleet keys create` makes one.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing at this path',
    remedy:
      'Check the path; the API has `/tasks`, `/tasks/{id}`, `/workers`, `/workers/{id}`, `/health` and `/ready`.',
  },
  task_not_found: {
    status: 404,
    title: 'There is no such task',
    remedy:
      'Check the id. A task is visible to its own tenant only, and is removed some days after it has ended.',
  },
  worker_not_found: {
    status: 404,
    title: 'There is no such worker',
    remedy: 'Check the id against `GET /workers`.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This path does not take that method',
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  too_large: {
    status: 413,
    title: 'The submission is too large',
    remedy:
      'Shorten it: `code` and `stdin` may have 256 KiB of UTF-8 each, `prompt`, `args` and `env` 16 KiB each, `files` 1 MiB in all; `args` and `env` 64 entries, `files` 32.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body is not declared as JSON',
    remedy: 'Send `Content-Type: application/json`.',
  },
  invalid_task: {
    status: 422,
    title: 'The task is not valid',
    remedy: 'Mend the fields that `errors` names. Unknown fields are refused.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key belongs to another submission',
    remedy:
      'Use a new key for each new submission, and the same one only to send the same body again. A key is kept for 24 hours.',
  },
  tenant_backlog_full: {
    status: 429,
    title: 'You have too many unfinished tasks',
    remedy:
      'Nothing was accepted. Try again after `Retry-After` seconds, when some of your tasks have ended.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    remedy: 'Try again; if it stays, report the `requestId`.',
  },
  misconfigured: {
    status: 500,
    title: 'This deployment is not configured correctly',
    remedy: 'Its owner finds the reason in the log, under the `requestId`.',
  },
  system_full: {
    status: 503,
    title: 'The system has too many unfinished tasks',
    remedy: 'Nothing was accepted. Try again after `Retry-After` seconds, when some tasks have ended.',
  },
  database_unavailable: {
    status: 503,
    title: 'The database does not answer',
    remedy: 'Nothing was accepted. Try again after `Retry-After` seconds.',
  },
  redis_unavailable: {
    status: 503,
    title: 'Redis does not answer',
    remedy: 'Tasks are accepted and can be read all the same. Try again after `Retry-After` seconds.',
  },
  not_ready: {
    status: 503,
    title: 'A part that this service needs does not answer',
    remedy: 'See `checks` for which one.',
  },
} as const satisfies Record<string, { status: number; title: string; remedy: string }>;

export type ErrorCode = keyof typeof errorCatalogue;
