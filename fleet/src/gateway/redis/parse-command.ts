import { Refusal } from '../refusal.ts';

/** The name in upper case, which keeps ioredis from reshaping replies (it knows `hgetall`, not `HGETALL`). */
export interface RedisCommand {
  name: string;
  args: (string | Buffer)[];
}

/** `["SET", "key", 1]` → a command. Numbers and booleans become text, as with Upstash; anything else is refused with 400. */
export function parseCommand(json: unknown): RedisCommand {
  if (!Array.isArray(json)) throw new Refusal(400, 'ERR a command is a JSON array: ["COMMAND", "arg", …]');
  const [name, ...args] = json as unknown[];
  if (typeof name !== 'string' || name === '') throw new Refusal(400, 'ERR a command begins with its name');
  return { name: name.toUpperCase(), args: args.map((arg, index) => parseArgument(arg, index + 1)) };
}

/** `[["SET", "a", 1], ["GET", "a"]]` → commands; at least one. */
export function parseCommands(json: unknown): RedisCommand[] {
  if (!Array.isArray(json) || json.length === 0)
    throw new Refusal(400, 'ERR a pipeline is a JSON array of commands: [["COMMAND", "arg", …], …]');
  return (json as unknown[]).map(parseCommand);
}

/**
 * `/SET/key/value?EX=100` → a command: URL-decoded segments, then the body when there is one, as it came, then the query's names and
 * values, without `_token`; a name without a value stands alone (`?NX`).
 */
export function parsePathCommand(url: URL, body: Buffer): RedisCommand {
  const [name = '', ...segments] = url.pathname.slice(1).split('/').map(decodeSegment);
  const options: string[] = [];
  for (const [key, value] of url.searchParams) {
    if (key === '_token') continue;
    options.push(key);
    if (value !== '') options.push(value);
  }
  return { name: name.toUpperCase(), args: [...segments, ...(body.length > 0 ? [body] : []), ...options] };
}

/** URL-decodes one path segment; a broken escape is refused with 400. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal(400, 'ERR the path holds a broken percent escape');
  }
}

function parseArgument(arg: unknown, position: number): string {
  switch (typeof arg) {
    case 'string':
      return arg;
    case 'number':
    case 'boolean':
      return String(arg);
    default:
      throw new Refusal(400, `ERR argument ${position} is neither text nor a number nor a boolean`);
  }
}
