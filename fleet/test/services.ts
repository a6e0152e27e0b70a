import { inject } from 'vitest';

/** The Redis that the run's tests share. */
export function redisUrl(): string {
  return inject('redisUrl');
}

/** The Postgres that the run's tests share. */
export function databaseUrl(): string {
  return inject('databaseUrl');
}
