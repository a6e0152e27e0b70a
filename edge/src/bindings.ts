import { z } from 'zod';
import { timingsSchema, type Timings } from '@runfleet/shared/model/timings.ts';
import { workerTypePattern } from '@runfleet/shared/queue/contract.ts';

/** What the platform hands to the Worker: variables and secrets, all of them text. See wrangler.toml. */
export type Bindings = Record<string, unknown>;

const seconds = z.coerce.number().positive();
const count = z.coerce.number().int().positive().max(1_000_000);

const bindingsSchema = z.object({
  AUTH_MODE: z.enum(['keys', 'open']),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  SQL_ENDPOINT: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
  UPSTASH_REDIS_REST_URL: z.url({ protocol: /^https?$/ }),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  TASK_TYPES: z
    .string()
    .default('javascript')
    .transform((list) => list.split(',').map((type) => type.trim()))
    .pipe(z.tuple([z.string().regex(workerTypePattern)], z.string().regex(workerTypePattern))),
  DEFAULT_TIMEOUT_SECONDS: seconds.default(30),
  MAX_TIMEOUT_SECONDS: seconds.default(300),
  MAX_UNFINISHED_PER_TENANT: count.default(10_000),
  MAX_UNFINISHED: count.default(100_000),
  // At least a day: an idempotency key is answered with its task for as long.
  RETENTION_DAYS: z.coerce.number().min(1).default(7),
  WORKER_RETENTION_DAYS: z.coerce.number().positive().default(30),
  TIMINGS: z.string().default('{}').transform(parseJson).pipe(timingsSchema),
});

/** The bindings, checked and in the units that the code uses. */
export interface Settings {
  authMode: 'keys' | 'open';
  databaseUrl: string;
  /** Where to send SQL when Postgres is not Neon's own; null for Neon. */
  sqlEndpoint: string | null;
  redisUrl: string;
  redisToken: string;
  types: readonly [string, ...string[]];
  defaultTimeoutSeconds: number;
  maxTimeoutSeconds: number;
  /** Beyond so many tasks that wait or run no more are accepted. */
  maxUnfinishedPerTenant: number;
  maxUnfinished: number;
  retentionMs: number;
  workerRetentionMs: number;
  timings: Timings;
}

/** What is no JSON stays text, which no object's schema takes. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const dayMs = 24 * 3600 * 1000;

/** Thrown for bindings that are missing or wrong; the message names them and never holds a value. */
export class MisconfiguredError extends Error {
  override name = 'MisconfiguredError';
}

/** An isolate is handed the same bindings with every request, so they are checked once. */
const settingsOf = new WeakMap<Bindings, Settings>();

export function readSettings(bindings: Bindings): Settings {
  const known = settingsOf.get(bindings);
  if (known !== undefined) return known;
  const settings = checkBindings(bindings);
  settingsOf.set(bindings, settings);
  return settings;
}

function checkBindings(bindings: Bindings): Settings {
  const parsed = bindingsSchema.safeParse(bindings);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
    throw new MisconfiguredError(`missing or invalid bindings: ${names.join(', ')}`);
  }
  const env = parsed.data;
  return {
    authMode: env.AUTH_MODE,
    databaseUrl: env.DATABASE_URL,
    sqlEndpoint: env.SQL_ENDPOINT || null,
    redisUrl: env.UPSTASH_REDIS_REST_URL,
    redisToken: env.UPSTASH_REDIS_REST_TOKEN,
    types: env.TASK_TYPES,
    defaultTimeoutSeconds: env.DEFAULT_TIMEOUT_SECONDS,
    maxTimeoutSeconds: env.MAX_TIMEOUT_SECONDS,
    maxUnfinishedPerTenant: env.MAX_UNFINISHED_PER_TENANT,
    maxUnfinished: env.MAX_UNFINISHED,
    retentionMs: env.RETENTION_DAYS * dayMs,
    workerRetentionMs: env.WORKER_RETENTION_DAYS * dayMs,
    timings: env.TIMINGS,
  };
}
