import { z } from 'zod';
import { outcomeReasons } from './status.ts';

/**
 * What was kept of one output stream.
 *
 * `text` is well-formed Unicode: bytes that are not UTF-8 became U+FFFD. When `droppedBytes` is not 0, `text` is the
 * stream's head and tail with a line between them that says how many bytes were left out.
 */
export const capturedStreamSchema = z.strictObject({
  text: z.string(),
  /** Bytes that the code wrote, kept or not. */
  bytes: z.int().nonnegative(),
  droppedBytes: z.int().nonnegative(),
});
export type CapturedStream = z.infer<typeof capturedStreamSchema>;

export interface TaskError {
  name: string;
  message: string;
  stack: string | null;
  line: number | null;
  column: number | null;
  /** What the error says caused it, at most `errorCauseLimit` deep. */
  cause: TaskError | null;
}

/** An error that the code threw, or the reason why it did not compile; `line` and `column` are 1-based in the submitted source. */
export const taskErrorSchema: z.ZodType<TaskError> = z.lazy(() =>
  z.strictObject({
    name: z.string(),
    message: z.string(),
    stack: z.string().nullable(),
    line: z.int().positive().nullable(),
    column: z.int().positive().nullable(),
    cause: taskErrorSchema.nullable(),
  }),
);

/** Who ended the child: the code itself, a limit that it met, the worker for reasons of its own, or the kernel. */
export const killers = ['task', 'limit', 'worker', 'kernel'] as const;
export type Killer = (typeof killers)[number];

export const limitNames = [
  'timeout',
  'cpu',
  'memory',
  'output',
  'disk',
  'inodes',
  'openFiles',
  'threads',
] as const;
export type LimitName = (typeof limitNames)[number];

export const isolationLevels = ['process', 'sandbox'] as const;
export type IsolationLevel = (typeof isolationLevels)[number];

/** What stood around an attempt: the level, and by what each part of it was done. */
export const isolationSchema = z.strictObject({
  level: z.enum(isolationLevels),
  parts: z.record(z.string(), z.string()),
});
export type IsolationReport = z.infer<typeof isolationSchema>;

/** What the program produced, as JSON; or why there is no JSON of it. */
export const taskValueSchema = z.union([
  z.strictObject({ json: z.string() }),
  z.strictObject({ note: z.string() }),
]);
export type TaskValue = z.infer<typeof taskValueSchema>;

/** The attempt ran, and this is how it ended. Times are by the worker's monotonic clock. */
export const endedOutcomeSchema = z.strictObject({
  kind: z.literal('ended'),
  reason: z.enum(outcomeReasons),
  /** Null when nobody did: it came to its end. */
  killedBy: z.enum(killers).nullable(),
  /** The limit that it met, when it met one. */
  limit: z.enum(limitNames).nullable(),
  exitCode: z.int().nullable(),
  /** The signal's name, such as `SIGKILL`, when a signal ended the child. */
  signal: z.string().nullable(),
  /** From the moment the code was handed to its child to the child's end. */
  durationMs: z.number().nonnegative(),
  /** Of all threads; null where it could not be measured. */
  cpuMs: z.number().nonnegative().nullable(),
  /** The most physical memory that it held; null where it could not be measured. */
  memoryPeakBytes: z.int().nonnegative().nullable(),
  /** Where the attempt's time went: until a child was ready, until that had ended, until its remains were gone. */
  timings: z.strictObject({
    prepareMs: z.number().nonnegative(),
    runMs: z.number().nonnegative(),
    collectMs: z.number().nonnegative(),
  }),
  stdout: capturedStreamSchema,
  stderr: capturedStreamSchema,
  error: taskErrorSchema.nullable(),
  value: taskValueSchema.nullable(),
  isolation: isolationSchema,
});
export type EndedOutcome = z.infer<typeof endedOutcomeSchema>;

/** The worker stopped the attempt for reasons of its own; the task gets a new attempt and is not charged for this one. */
export const givenBackOutcomeSchema = z.strictObject({
  kind: z.literal('given_back'),
  cause: z.enum(['drain', 'lease_lost']),
  durationMs: z.number().nonnegative(),
});
export type GivenBackOutcome = z.infer<typeof givenBackOutcomeSchema>;

/** How an attempt ended, as its worker saw it. */
export const outcomeSchema = z.discriminatedUnion('kind', [endedOutcomeSchema, givenBackOutcomeSchema]);
export type Outcome = z.infer<typeof outcomeSchema>;
