/** A command cannot start, for a reason that its user can mend; the command line prints the message alone. */
export class StartError extends Error {
  override name = 'StartError';
}
