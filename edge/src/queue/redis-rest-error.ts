/** Redis refused a command, or could not be asked. The message never holds the command: it may carry a client's data. */
export class RedisRestError extends Error {
  override name = 'RedisRestError';
}

/** The client library appends the whole command to the error that Redis gave; this keeps the error only. */
export function toRedisRestError(error: unknown): RedisRestError {
  const message = error instanceof Error ? error.message : String(error);
  return new RedisRestError(message.split(', command was:')[0] ?? 'unknown error');
}

/** Asks Redis something; whatever goes wrong with it is a RedisRestError. */
export async function askRedis<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw toRedisRestError(error);
  }
}
