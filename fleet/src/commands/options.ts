import { InvalidArgumentError, Option } from 'commander';
import { localDatabaseUrl, localRedisUrl } from '@runfleet/shared/model/local-stack.ts';
import { logLevels } from '../log.ts';
import { StartError } from '../start-error.ts';

/** A whole number within bounds, or a clear refusal. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** A number of seconds within bounds, in milliseconds. */
export function secondsAsMs(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max)) {
      throw new InvalidArgumentError(`It must be a number of seconds from ${min} to ${max}.`);
    }
    return Math.round(value * 1000);
  };
}

export function matching(pattern: RegExp, what: string): (text: string) => string {
  return (text) => {
    if (!pattern.test(text)) throw new InvalidArgumentError(`It must be ${what}.`);
    return text;
  };
}

/** A URL with one of these protocols. It may hold a password, and Commander's own refusal would repeat the value. */
function url(option: string, ...protocols: string[]): (text: string) => string {
  return (text) => {
    if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
      throw new StartError(
        `${option} must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
      );
    }
    return text;
  };
}

export const redisUrlOption = (): Option =>
  new Option('--redis-url <url>', 'Redis')
    .env('REDIS_URL')
    .default(localRedisUrl, 'the local stack')
    .argParser(url('--redis-url (REDIS_URL)', 'redis:', 'rediss:'));

export const databaseUrlOption = (): Option =>
  new Option('--database-url <url>', 'Postgres')
    .env('DATABASE_URL')
    .default(localDatabaseUrl, 'the local stack')
    .argParser(url('--database-url (DATABASE_URL)', 'postgres:', 'postgresql:'));

export const logLevelOption = (): Option =>
  new Option('--log-level <level>', 'least level to log').env('LOG_LEVEL').choices(logLevels).default('info');
