/** The migrations that the statements of this version need, oldest first. A test compares them with the folder's. */
export const knownMigrations: readonly string[] = [
  '0001-api-keys',
  '0002-tasks',
  '0003-results',
  '0004-workers',
  '0005-attempts',
  '0006-input-and-figures',
  '0007-expiry-and-retries',
  '0008-idempotency-keys',
  '0009-backlog',
];
