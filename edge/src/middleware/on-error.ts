import type { Context, ErrorHandler } from 'hono';
import { MisconfiguredError } from '../bindings.ts';
import type { EdgeContext } from '../context.ts';
import { isDatabaseUnavailable } from '../database-unavailable.ts';
import { describeError, log } from '../log.ts';
import { ProblemError, problemResponse } from '../problem.ts';
import { RedisRestError } from '../queue/redis-rest-error.ts';

/** Turns whatever a request threw into problem+json; what is not the client's to know goes to the log only. */
export const onError: ErrorHandler<EdgeContext> = (error, c) => {
  const problem = toProblem(error);
  if (problem !== error) {
    log('error', problem.code, { requestId: c.get('requestId'), error: describeError(error) });
  }
  return problemResponse(problem, c.get('requestId'));
};

export function notFound(c: Context<EdgeContext>): Response {
  return problemResponse(new ProblemError('not_found'), c.get('requestId'));
}

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof MisconfiguredError) return new ProblemError('misconfigured');
  if (isDatabaseUnavailable(error)) {
    return new ProblemError('database_unavailable', {}, { 'retry-after': '5' });
  }
  if (error instanceof RedisRestError) {
    return new ProblemError('redis_unavailable', {}, { 'retry-after': '5' });
  }
  return new ProblemError('internal');
}
