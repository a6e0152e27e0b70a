import { z } from 'zod';
import { defaultRetryDelaySeconds, maxRetryDelaySeconds, retriesLimit } from './limits.ts';
import { outcomeReasons, type OutcomeReason } from './status.ts';

/** How code can fail by its own doing; `internal` is a fault of ours, which `maxAttempts` is for. */
export const codeFailures = outcomeReasons.filter(
  (reason): reason is CodeFailure => reason !== 'ok' && reason !== 'internal',
);
export type CodeFailure = Exclude<OutcomeReason, 'ok' | 'internal'>;

export const backoffs = ['fixed', 'exponential'] as const;

/** What a failure of a task's code leads to, with nothing left to be assumed. */
export interface RetryPolicy {
  /** How often its code is run again. */
  limit: number;
  /** Before the first retry; before the others by `backoff`. */
  delayMs: number;
  backoff: (typeof backoffs)[number];
  /** The failures that it is for. */
  on: CodeFailure[];
}

/** What does not compile once does not compile the next time either. */
const defaultOn = codeFailures.filter((reason) => reason !== 'syntax_error');

/** The `retry` of a submission. */
export const retryRequestSchema = z.strictObject({
  limit: z.int().min(1).max(retriesLimit),
  delay: z.number().min(0).max(maxRetryDelaySeconds).default(defaultRetryDelaySeconds),
  backoff: z.enum(backoffs).default('exponential'),
  on: z
    .array(z.enum(codeFailures))
    .min(1)
    .max(codeFailures.length)
    .refine((reasons) => new Set(reasons).size === reasons.length, 'each reason may be named once')
    .default(defaultOn),
});
export type RetryRequest = z.infer<typeof retryRequestSchema>;

export function retryPolicyOf({ delay, ...rest }: RetryRequest): RetryPolicy {
  return { ...rest, delayMs: Math.round(delay * 1000) };
}

/** The policy in the words of a submission. */
export function retryRequestOf({ limit, delayMs, backoff, on }: RetryPolicy): RetryRequest {
  return { limit, delay: delayMs / 1000, backoff, on };
}
