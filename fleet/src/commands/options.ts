import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { limitsRequestSchema } from '@runfleet/shared/model/task-limits.ts';
import { defaultTimings, timingsSchema } from '@runfleet/shared/model/timings.ts';
import { localDatabaseUrl, localRedisUrl } from '@runfleet/shared/model/local-stack.ts';
import { isolationLevels } from '@runfleet/shared/model/outcome.ts';
import { refuseAllowedPath } from '../executor/isolation/allowed-path.ts';
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
function secondsAsMs(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max)) {
      throw new InvalidArgumentError(`It must be a number of seconds from ${min} to ${max}.`);
    }
    return Math.round(value * 1000);
  };
}

/** A JSON object that fits a schema, or a clear refusal. */
function jsonOf<Schema extends z.ZodType>(schema: Schema): (text: string) => z.output<Schema> {
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new InvalidArgumentError('It must be a JSON object.');
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new InvalidArgumentError(`${issue?.path.join('.') || 'It'}: ${issue?.message ?? 'not valid'}.`);
  };
}

/** Limits as a submission names them: a JSON object with any of them. */
export const limits = jsonOf(limitsRequestSchema);

export const drainTimeoutOption = (seconds: number, description: string): Option =>
  new Option('--drain-timeout <seconds>', description)
    .env('RUNFLEET_DRAIN_TIMEOUT')
    .default(seconds * 1000, String(seconds))
    .argParser(secondsAsMs(0, 3600));

export const timingsOption = (): Option =>
  new Option('--timings <json>', 'how long the parts wait for one another; the same for the whole system')
    .env('RUNFLEET_TIMINGS')
    .default(
      defaultTimings,
      'heartbeatSeconds 10, leaseSeconds 30, dispatchDelaySeconds 5, deadlineGraceSeconds 30, backlogPatienceSeconds 600',
    )
    .argParser(jsonOf(timingsSchema));

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

export const concurrencyOption = (): Option =>
  new Option('--concurrency <n>', 'tasks at once')
    .env('RUNFLEET_CONCURRENCY')
    .default(availableParallelism(), 'one for each processor')
    .argParser(wholeNumber(1, 1000));

export const poolOption = (): Option =>
  new Option('--pool <n>', 'children that are started ahead, about 45 MB each')
    .env('RUNFLEET_POOL')
    .default(null, 'one for each task at once, within a quarter of the free memory')
    .argParser(wholeNumber(0, 1000));

export const workDirOption = (): Option =>
  new Option('--work-dir <path>', "where attempts get their directories, below one of this worker's own")
    .env('RUNFLEET_WORK_DIR')
    .default(join(tmpdir(), `runfleet-${process.getuid?.() ?? 'user'}`))
    .argParser((path) => resolve(path));

export const allowWriteOption = (): Option =>
  new Option(
    '--allow-write <path>',
    'a hole made on purpose: every task may write to this file or directory of the host (again for more, or ":" between)',
  )
    .env('RUNFLEET_ALLOW_WRITE')
    .default([], 'none')
    .argParser(allowedPaths);

function allowedPaths(text: string, before: readonly string[]): string[] {
  const paths = text.split(':').filter((path) => path !== '');
  for (const path of paths) {
    const refusal = refuseAllowedPath(path);
    if (refusal !== null) throw new InvalidArgumentError(`${path}: ${refusal}.`);
  }
  return [...before, ...paths];
}

export const isolationOption = (): Option =>
  new Option('--isolation <level>', 'what must stand around each task; the worker does not start with less')
    .env('RUNFLEET_ISOLATION')
    .choices(isolationLevels)
    .default(process.platform === 'linux' ? 'sandbox' : 'process');
