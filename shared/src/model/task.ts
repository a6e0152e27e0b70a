import { z } from 'zod';
import { codeLimitBytes, defaultMaxAttempts, maxAttemptsLimit, promptLimitBytes } from './limits.ts';
import type { TaskError } from './outcome.ts';
import type { Reason, Status } from './status.ts';

export interface SubmissionLimits {
  /** The kinds of worker that there are; the first is the default. */
  types: readonly [string, ...string[]];
  defaultTimeoutSeconds: number;
  maxTimeoutSeconds: number;
}

/** The shortest timeout; less than a child process takes to start would be a mistake in every case. */
export const minTimeoutSeconds = 0.1;

/** The body of `POST /tasks`. Text must be well-formed Unicode without U+0000: Postgres can hold nothing else. */
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
  });
}
export type Submission = z.infer<ReturnType<typeof submissionSchema>>;

/** Marks the validation issue of a text that is too long, so that it can be told from one that is wrong. */
export const tooLargeIssue = 'too_large';

function storableText(name: string, limitBytes: number) {
  return z.string().superRefine((text, context) => {
    const bytes = utf8Length(text);
    if (bytes > limitBytes) {
      const message = `${name} has ${bytes} bytes of UTF-8; at most ${limitBytes} are accepted`;
      context.addIssue({ code: 'custom', message, params: { kind: tooLargeIssue } });
    } else if (text.includes('\0')) {
      context.addIssue({ code: 'custom', message: `${name} contains U+0000, which cannot be stored` });
    } else if (!text.isWellFormed()) {
      context.addIssue({ code: 'custom', message: `${name} contains half a surrogate pair` });
    }
  });
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
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
  workerId: string | null;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

/** A task with its result; null until it has ended, and for a task that ended without its code's doing. */
export interface TaskWithResult extends Task {
  result: TaskResult | null;
}

export interface TaskResult {
  stdout: string;
  stderr: string;
  exitCode: number | null;
  signal: string | null;
  durationMs: number;
  stdoutBytes: number;
  stderrBytes: number;
  stdoutTruncated: boolean;
  stderrTruncated: boolean;
  stdoutDroppedBytes: number;
  stderrDroppedBytes: number;
  error: TaskError | null;
}
