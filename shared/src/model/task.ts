import { z } from 'zod';
import {
  codeLimitBytes,
  defaultMaxAttempts,
  maxAttemptsLimit,
  maxExpirySeconds,
  minExpirySeconds,
  promptLimitBytes,
  stdinLimitBytes,
} from './limits.ts';
import type { EndedOutcome, IsolationReport, Killer, LimitName, TaskError } from './outcome.ts';
import { retryPolicyOf, retryRequestSchema, type RetryPolicy, type RetryRequest } from './retry.ts';
import type { AttemptOutcome } from '../db/schema.ts';
import type { Reason, Status } from './status.ts';
import { storableText } from './storable-text.ts';
import { argsSchema } from './submitted-args.ts';
import { envSchema } from './submitted-env.ts';
import { filesSchema } from './submitted-files.ts';
import type { TaskInput } from './task-input.ts';
import { limitsRequestSchema, type LimitsRequest } from './task-limits.ts';

export interface SubmissionLimits {
  /** The kinds of worker that there are; the first is the default. */
  types: readonly [string, ...string[]];
  defaultTimeoutSeconds: number;
  maxTimeoutSeconds: number;
}

/** The shortest timeout; less than a child process takes to start would be a mistake in every case. */
export const minTimeoutSeconds = 0.1;

/** The body of `POST /tasks`. */
export function submissionSchema(limits: SubmissionLimits) {
  return z.strictObject({
    code: storableText('code', codeLimitBytes),
    prompt: storableText('prompt', promptLimitBytes).nullish(),
    type: z.enum(limits.types).default(limits.types[0]),
    timeout: z
      .number()
      .min(minTimeoutSeconds)
      .max(limits.maxTimeoutSeconds)
      .default(Math.min(limits.defaultTimeoutSeconds, limits.maxTimeoutSeconds)),
    maxAttempts: z.int().min(1).max(maxAttemptsLimit).default(defaultMaxAttempts),
    expiresIn: z.number().min(minExpirySeconds).max(maxExpirySeconds).optional(),
    retry: retryRequestSchema.optional(),
    stdin: storableText('stdin', stdinLimitBytes).optional(),
    args: argsSchema.optional(),
    env: envSchema.optional(),
    files: filesSchema.optional(),
    limits: limitsRequestSchema.optional(),
  });
}
export type Submission = z.infer<ReturnType<typeof submissionSchema>>;

/** What a submission gives to its code; null when it gives nothing. */
export function inputOf({ stdin = '', args = [], env = {}, files = [] }: Submission): TaskInput | null {
  const nothing = stdin === '' && args.length === 0 && Object.keys(env).length === 0 && files.length === 0;
  return nothing ? null : { stdin, args, env, files };
}

/** The limits that a submission asks for; null when it asks for none. */
export function limitsOf({ limits = {} }: Submission): LimitsRequest | null {
  return Object.keys(limits).length === 0 ? null : limits;
}

/** How long a submission lets its task wait for its start; null when for ever. */
export function expiresInMsOf({ expiresIn }: Submission): number | null {
  return expiresIn === undefined ? null : Math.round(expiresIn * 1000);
}

/** What a submission wants a failure of its code to lead to; null: it ends the task. */
export function retryOf({ retry }: Submission): RetryPolicy | null {
  return retry === undefined ? null : retryPolicyOf(retry);
}

/** A task as the API shows it; times are ISO 8601 by Postgres' clock. */
export interface Task {
  id: string;
  type: string;
  status: Status;
  reason: Reason | null;
  prompt: string | null;
  /** Seconds. */
  timeout: number;
  attempt: number;
  maxAttempts: number;
  /** What was asked for, with its defaults; null for nothing. */
  retry: RetryRequest | null;
  /** How many of the attempts that follow were minted because of it. */
  retries: number;
  workerId: string | null;
  createdAt: string;
  /** Unless it has been started by then, it never is; null for a task that waits for ever. */
  expiresAt: string | null;
  startedAt: string | null;
  endedAt: string | null;
}

/** A task with its attempts and its result, which is that of the last one. */
export interface TaskWithResult extends Task {
  /** Oldest first; the latest `attemptsShown` of them. */
  attempts: Attempt[];
  /** Null until the task has ended, and for one that ended without its code's doing. */
  result: TaskResult | null;
}

/** One claim of an attempt by a worker. Of those before the last, nothing but this is kept. */
export interface Attempt {
  attempt: number;
  workerId: string;
  startedAt: string;
  endedAt: string | null;
  /** What became of it: a reason, `lost`, `given_back`, or `late`; null while it runs. */
  outcome: AttemptOutcome | null;
}

export interface TaskResult {
  stdout: string;
  stderr: string;
  exitCode: number | null;
  signal: string | null;
  /** Who ended the child; null when nobody did. */
  killedBy: Killer | null;
  /** The limit that it met, when it met one. */
  limit: LimitName | null;
  durationMs: number;
  /** Null where it could not be measured. */
  cpuMs: number | null;
  memoryPeakBytes: number | null;
  /** From when the attempt was queued to when its worker took it; by Postgres' clock. Null for what ended before this was kept. */
  queueMs: number | null;
  /** Null for what ended before this was kept. */
  timings: EndedOutcome['timings'] | null;
  stdoutBytes: number;
  stderrBytes: number;
  stdoutTruncated: boolean;
  stderrTruncated: boolean;
  stdoutDroppedBytes: number;
  stderrDroppedBytes: number;
  error: TaskError | null;
  /** What the program produced, of JSON's types; null when there is none, and then `valueNote` may say why. */
  value: unknown;
  valueNote: string | null;
  /** What stood around the attempt; null for what ended before this was kept. */
  isolation: IsolationReport | null;
}
