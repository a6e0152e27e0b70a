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

/** An error that the code threw, or the reason why it did not compile; `line` and `column` are 1-based in the submitted source. */
export const taskErrorSchema = z.strictObject({
  name: z.string(),
  message: z.string(),
  stack: z.string().nullable(),
  line: z.int().positive().nullable(),
  column: z.int().positive().nullable(),
});
export type TaskError = z.infer<typeof taskErrorSchema>;

/** The attempt ran, and this is how it ended. */
export const endedOutcomeSchema = z.strictObject({
  kind: z.literal('ended'),
  reason: z.enum(outcomeReasons),
  exitCode: z.int().nullable(),
  /** The signal's name, such as `SIGKILL`, when a signal ended the child. */
  signal: z.string().nullable(),
  /** From the child's start to its end, by the worker's monotonic clock. */
  durationMs: z.number().nonnegative(),
  stdout: capturedStreamSchema,
  stderr: capturedStreamSchema,
  error: taskErrorSchema.nullable(),
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
