import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What each credential of a unit stands for, when neither an option nor the environment says it. */
export const credentials = {
  'database-url': 'DATABASE_URL',
  'redis-url': 'REDIS_URL',
  'gateway-token': 'RUNFLEET_GATEWAY_TOKEN',
} as const;

/**
 * Puts what systemd handed over with `LoadCredential=` where the options look for it. What the environment says already
 * stays, and an option comes before both. An empty credential is taken as it is: the option refuses it, instead of
 * falling back to its default.
 */
export function takeCredentials(environment: NodeJS.ProcessEnv): void {
  const directory = environment['CREDENTIALS_DIRECTORY'];
  if (directory === undefined) return;
  for (const [name, variable] of Object.entries(credentials)) {
    const file = join(directory, name);
    if (environment[variable] !== undefined || !existsSync(file)) continue;
    environment[variable] = readFileSync(file, 'utf8').trim();
  }
}
