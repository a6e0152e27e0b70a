/**
 * A request that the gateway answers with an error of its own. The message goes to the client as it is, so it holds nothing
 * secret and nothing of the request's body.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** HTTP status of the answer. */
  readonly status: number;
  /** SQLSTATE, for answers of the SQL side. */
  readonly sqlState: string | undefined;

  constructor(status: number, message: string, sqlState?: string) {
    super(message);
    this.status = status;
    this.sqlState = sqlState;
  }
}
