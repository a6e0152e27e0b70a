import type { Handler } from 'hono';
import type { EdgeContext } from '../context.ts';
import { ProblemError } from '../problem.ts';

/** Answers every method that the routes before it did not take. */
export function methodNotAllowed(...allowed: string[]): Handler<EdgeContext> {
  return () => {
    throw new ProblemError('method_not_allowed', {}, { allow: allowed.join(', ') });
  };
}
