/** Something that the user of the stack can mend; the message is all that is shown. */
export class UserError extends Error {
  override name = 'UserError';
}
