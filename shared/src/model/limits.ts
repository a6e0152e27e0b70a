/** The sizes and counts that every part agrees on. Bytes are UTF-8 bytes. */

export const codeLimitBytes = 256 * 1024;
export const promptLimitBytes = 16 * 1024;

/** What the code is given beside itself; the bytes are those of all arguments, all values and all files together. */
export const stdinLimitBytes = 256 * 1024;
export const argsLimit = 64;
export const argsLimitBytes = 16 * 1024;
export const envLimit = 64;
export const envLimitBytes = 16 * 1024;
export const envNameLimitChars = 64;
export const filesLimit = 32;
/** Of contents as they are written to disk: base64 decoded. */
export const filesLimitBytes = 1024 * 1024;
export const filePathLimitBytes = 1024;
export const fileNameLimitBytes = 255;

/**
 * A request body may be this large: every submission within its limits fits, however its client writes JSON.
 *
 *   code 256 + prompt 16 + stdin 256 + args 16 + env 16 + its names 4 + files 1024 + their paths 32 = 1620 KiB of text,
 *   × 6, when each of its bytes is a character that is escaped (`\u0001`)                             = 9720 KiB
 *   + the marks around all that and the small fields                                                = 16 KiB
 *
 * A file in base64 is 4/3 of its bytes and needs no escapes, so it is within this too.
 */
export const bodyLimitBytes =
  6 *
    (codeLimitBytes +
      promptLimitBytes +
      stdinLimitBytes +
      argsLimitBytes +
      envLimitBytes +
      envLimit * envNameLimitChars +
      filesLimitBytes +
      filesLimit * filePathLimitBytes) +
  16 * 1024;

/** What is kept of each output stream when the worker's configuration says nothing else. */
export const outputLimitBytes = 1024 * 1024;

/** What is kept of each text field of an error that the code threw. */
export const errorNameLimitChars = 256;
export const errorMessageLimitChars = 8 * 1024;
export const errorStackLimitChars = 16 * 1024;
export const errorCauseLimit = 4;

/** The JSON of a program's value may be this long. */
export const valueLimitBytes = 256 * 1024;
/** Its objects and lists may be nested this deep: what reads JSON recursively, as Postgres does, has a stack to lose. */
export const valueDepthLimit = 256;
export const valueNoteLimitChars = 1024;

export const defaultTimeoutMs = 30_000;
export const defaultMaxAttempts = 3;
export const maxAttemptsLimit = 10;

/** A task whose attempts took their worker down this often is poison. */
export const crashLimit = 3;

/** How often a task may ask that its code is run again after it failed, and how long apart. */
export const retriesLimit = 10;
export const defaultRetryDelaySeconds = 1;
export const maxRetryDelaySeconds = 3600;
export const maxRetryDelayMs = maxRetryDelaySeconds * 1000;

/**
 * After a fault of ours an attempt waits this long, and twice as long each time: a worker that cannot run anything reports so
 * at once, and would use up every attempt that it can get hold of before another worker sees one.
 */
export const internalRetryDelayMs = 1_000;

/** A task shows this many of its attempts, the latest ones. */
export const attemptsShown = 50;

/** How long a task may be given to start. */
export const minExpirySeconds = 1;
export const maxExpirySeconds = 7 * 24 * 3600;

/** A client's name for a submission: printable ASCII. */
export const idempotencyKeyPattern = /^[ -~]{1,255}$/;

/** A submission with a key that was used before is the same submission for this long. */
export const idempotencyKeyLifeMs = 24 * 3600 * 1000;
