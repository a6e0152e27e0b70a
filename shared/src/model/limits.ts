/** The sizes and times that every part agrees on. Bytes are UTF-8 bytes. */

export const codeLimitBytes = 256 * 1024;
export const promptLimitBytes = 16 * 1024;

/** A request body may be this large: code and prompt, each byte escaped to its longest JSON form, and room for the rest. */
export const bodyLimitBytes = 6 * (codeLimitBytes + promptLimitBytes) + 16 * 1024;

/** What is kept of each output stream when the worker's configuration says nothing else. */
export const outputLimitBytes = 1024 * 1024;

/** What is kept of each text field of an error that the code threw. */
export const errorNameLimitChars = 256;
export const errorMessageLimitChars = 8 * 1024;
export const errorStackLimitChars = 16 * 1024;

export const defaultTimeoutMs = 30_000;
export const defaultMaxAttempts = 3;
export const maxAttemptsLimit = 10;

/** A task whose attempts took their worker down this often is poison. */
export const crashLimit = 3;

/** Beyond its timeout, an attempt may take this long to start its child and to have its outcome recorded. */
export const deadlineGraceMs = 30_000;

/** A freshly submitted task is enqueued by its request; when nobody has claimed it by then, the sweep dispatches it. */
export const firstDispatchDelayMs = 5_000;

export const heartbeatIntervalMs = 10_000;
export const heartbeatTtlMs = 30_000;
