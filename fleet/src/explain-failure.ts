/** What a failed connection or statement says of itself; no URL and no password is in it. */
export function explain(error: unknown): string {
  // Node reports a refused connection to a name with several addresses as one error without a message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
