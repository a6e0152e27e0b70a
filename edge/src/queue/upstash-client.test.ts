import { tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { countRequests } from '../../test/count-requests.ts';
import { queueKeys, useEdge } from '../../test/use-edge.ts';
import { openRedis } from '../open-redis.ts';
import { dispatchAll, dispatchOne } from './dispatch.ts';
import type { ScriptArgument } from './lua-script.ts';
import { RedisRestError } from './redis-rest-error.ts';
import { UpstashClient } from './upstash-client.ts';

const edge = await useEdge({ redis: 'upstash-client' });
const client = new UpstashClient(edge.redis());

/** Answers with the hexadecimal digits of each key and argument, so that the way back cannot change them. */
const echo = `
  local function hex(bytes) return (string.gsub(bytes, '.', function(c) return string.format('%02x', string.byte(c)) end)) end
  local seen = {}
  for i = 1, #KEYS do seen[#seen + 1] = hex(KEYS[i]) end
  for i = 1, #ARGV do seen[#seen + 1] = hex(ARGV[i]) end
  return seen`;
client.defineCommand('echo1', { numberOfKeys: 1, lua: echo });
client.defineCommand('echo0', { numberOfKeys: 0, lua: echo });

const hex = (value: string | Uint8Array) => Buffer.from(value).toString('hex');
const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

describe('a script', () => {
  it.each<[string, ScriptArgument[], (string | Uint8Array)[]]>([
    ['every byte there is', ['k', everyByte], ['k', everyByte]],
    [
      'msgpack of a map',
      ['k', new Uint8Array([0x81, 0xa1, 0x61, 0xcd, 0xff, 0xff])],
      ['k', new Uint8Array([0x81, 0xa1, 0x61, 0xcd, 0xff, 0xff])],
    ],
    [
      'bytes between texts',
      ['k', 'a', everyByte, 'b', new Uint8Array([0x80]), 'c'],
      ['k', 'a', everyByte, 'b', new Uint8Array([0x80]), 'c'],
    ],
    ['no bytes at all', ['k', new Uint8Array()], ['k', '']],
    ['a Buffer', ['k', Buffer.from([0xff, 0x00])], ['k', new Uint8Array([0xff, 0x00])]],
    ['text that looks like hexadecimal', ['k', '80ff', '1,2'], ['k', '80ff', '1,2']],
    ['text beyond ASCII', ['ключ', '🎉\u0000\n'], ['ключ', '🎉\u0000\n']],
    ['no arguments', ['k'], ['k']],
    ['numbers and booleans', ['k', 1, 1.5, -0.25, true], ['k', '1', '1.5', '-0.25', 'true']],
    ['nothing', ['k', null, undefined], ['k', '', '']],
    [
      'arrays, as a TCP client takes them',
      [
        ['k', 'a'],
        ['b', new Uint8Array([0x90])],
      ],
      ['k', 'a', 'b', new Uint8Array([0x90])],
    ],
  ])('gets %s as it was', async (_, args, seen) => {
    expect(await client.runCommand('echo1', args)).toEqual(seen.map(hex));
  });

  it('may have no keys', async () => {
    expect(await client.runCommand('echo0', ['a', new Uint8Array([0xfe])])).toEqual([hex('a'), 'fe']);
  });

  it('travels whole only when Redis does not know it', async () => {
    const name = `new-${crypto.randomUUID()}`;
    client.defineCommand(name, { numberOfKeys: 0, lua: `return '${name}'` });
    const run = async () => expect(await client.runCommand(name, [])).toBe(name);
    expect(await countRequests(edge, run)).toEqual({ postgres: 0, redis: 2 });
    expect(await countRequests(edge, run)).toEqual({ postgres: 0, redis: 1 });
  });

  it('must have been defined', async () => {
    await expect(client.runCommand('nameless', [])).rejects.toThrow('no script was defined as nameless');
  });
});

describe('an error', () => {
  const secret = 'the-argument-of-a-client';
  client.defineCommand('refuses', { numberOfKeys: 0, lua: `return redis.error_reply('BOOM it went')` });
  client.defineCommand('breaks', { numberOfKeys: 0, lua: `return nil + 1` });

  async function failureOf(run: () => Promise<unknown>): Promise<Error> {
    const error = await run().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RedisRestError);
    return error as Error;
  }

  it.each([
    ['a script refuses', 'refuses', () => client, 'BOOM it went'],
    ['a script breaks', 'breaks', () => client, 'arithmetic on a nil value'],
    [
      'the token is wrong',
      'echo0',
      () => new UpstashClient(openRedis({ ...edge.settings, redisToken: 'no' })),
      'WRONGPASS',
    ],
    [
      'Redis is unreachable',
      'echo0',
      () => new UpstashClient(openRedis({ ...edge.settings, redisUrl: 'http://127.0.0.1:1' })),
      '',
    ],
  ])('when %s holds what Redis said, and not the command', async (_, name, from, said) => {
    const error = await failureOf(() => from().runCommand(name, [secret, everyByte]));
    expect(error.message).toContain(said);
    expect(`${error.message}${error.stack}`).not.toMatch(
      /the-argument-of-a-client|command was|KEYS|00010203/,
    );
  });

  it('in a pipeline is that of its own script; the others are carried out', async () => {
    const replies = await client
      .pipeline()
      .runCommand('echo0', ['a'])
      .runCommand('refuses', [secret])
      .runCommand('echo0', ['b'])
      .exec();
    expect(replies).toEqual([
      [null, [hex('a')]],
      [expect.any(RedisRestError), null],
      [null, [hex('b')]],
    ]);
    expect(replies[1]?.[0]?.message).toContain('BOOM it went');
    expect(replies[1]?.[0]?.message).not.toContain(secret);
  });

  it('of a whole pipeline holds no command either', async () => {
    const down = new UpstashClient(openRedis({ ...edge.settings, redisToken: 'no' }));
    const error = await failureOf(() => down.pipeline().runCommand('echo0', [secret]).exec());
    expect(`${error.message}${error.stack}`).not.toMatch(/the-argument-of-a-client|command was/);
  });
});

describe('a pipeline', () => {
  it('is one request, even for scripts that Redis has never seen, and answers for the caller’s commands only', async () => {
    const names = [1, 2].map((n) => `new-${n}-${crypto.randomUUID()}`);
    for (const name of names)
      client.defineCommand(name, { numberOfKeys: 0, lua: `return '${name}' .. ARGV[1]` });
    const pipeline = client.pipeline();
    const calls = Array.from({ length: 10 }, (_, index) => [names[index % 2]!, `${index}`] as const);
    for (const [name, arg] of calls) pipeline.runCommand(name, [arg]);
    const run = async () =>
      expect(await pipeline.exec()).toEqual(calls.map(([name, arg]) => [null, name + arg]));
    expect(await countRequests(edge, run)).toEqual({ postgres: 0, redis: 1 });
  });

  it('of nothing asks nothing', async () => {
    expect(await countRequests(edge, () => client.pipeline().exec())).toEqual({ postgres: 0, redis: 0 });
  });
});

describe('BullMQ on it', () => {
  beforeEach(async () => {
    await edge.redis().flushdb();
  });
  const attempts = (count: number, type = edge.type) =>
    Array.from({ length: count }, () => ({ taskId: crypto.randomUUID(), attempt: 1, type }));

  it('adds many jobs of a type in one request', async () => {
    const many = attempts(50);
    expect(await countRequests(edge, () => dispatchAll(edge.redis(), many))).toEqual({
      postgres: 0,
      redis: 1,
    });
    const waiting = await edge.redis().lrange(`runfleet:${tasksQueueName(edge.type)}:wait`, 0, -1);
    // Newest first: a worker takes them from the other end, in the order in which they were added.
    expect(waiting.toReversed()).toEqual(many.map(({ taskId }) => `t-${taskId}-1`));
  });

  it('adds jobs of two types in two', async () => {
    const mixed = [...attempts(3), ...attempts(2, `${edge.type}-b`)];
    expect(await countRequests(edge, () => dispatchAll(edge.redis(), mixed))).toEqual({
      postgres: 0,
      redis: 2,
    });
  });

  it('adds one job with one request', async () => {
    await dispatchOne(edge.redis(), attempts(1)[0]!);
    expect(await countRequests(edge, () => dispatchOne(edge.redis(), attempts(1)[0]!))).toEqual({
      postgres: 0,
      redis: 1,
    });
  });

  it('adds nothing when there is nothing to add', async () => {
    expect(await countRequests(edge, () => dispatchAll(edge.redis(), []))).toEqual({ postgres: 0, redis: 0 });
    expect(await queueKeys(edge)).toEqual([]);
  });
});

it.each(['multi', 'duplicate', 'scanStream'] as const)(
  '%s, which only a consumer needs, is refused',
  (method) => {
    expect(() => client[method]()).toThrow('is not available over REST');
  },
);
