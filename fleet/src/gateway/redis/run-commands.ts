import type { Redis } from 'ioredis';
import { Refusal } from '../refusal.ts';
import type { RedisCommand } from './parse-command.ts';
import { refusedCommand } from './refused-command.ts';

/** A reply as ioredis gives it in buffer mode. An error inside an array is one that a script or a transaction met. */
export type RedisReply = number | Buffer | string | null | Error | RedisReply[];

export type CommandOutcome = { reply: RedisReply } | { error: string };

/** Runs one command. */
export async function runCommand(redis: Redis, command: RedisCommand): Promise<CommandOutcome> {
  const [outcome] = await runPipeline(redis, [command]);
  return outcome!;
}

/**
 * Runs commands in one write, in order, not atomically: an error of one leaves the others as they are.
 * @returns one outcome for each command.
 * @throws Refusal 503 when Redis cannot be reached or does not answer; what has run by then is unknown.
 */
export async function runPipeline(redis: Redis, commands: RedisCommand[]): Promise<CommandOutcome[]> {
  const refusals = commands.map((command) => refusedCommand(command.name, command.args));
  const allowed = commands.filter((_, index) => refusals[index] === undefined);
  const outcomes = await send(redis, allowed);
  return refusals.map((refusal) => (refusal === undefined ? outcomes.shift()! : { error: refusal }));
}

/**
 * Runs commands as one transaction: MULTI, they and EXEC leave in one write, so no other request's command comes between.
 * @returns one outcome for each command, or a single error when nothing was run.
 * @throws Refusal 503, see runPipeline.
 */
export async function runTransaction(
  redis: Redis,
  commands: RedisCommand[],
): Promise<CommandOutcome[] | { error: string }> {
  for (const command of commands) {
    const refusal = refusedCommand(command.name, command.args);
    if (refusal !== undefined) return { error: refusal };
  }
  const outcomes = await send(redis, [{ name: 'MULTI', args: [] }, ...commands, { name: 'EXEC', args: [] }]);
  const executed = outcomes.at(-1)!;
  if ('error' in executed) {
    const cause = outcomes.slice(1, -1).find((outcome) => 'error' in outcome);
    return { error: cause === undefined ? executed.error : `${executed.error} (${cause.error})` };
  }
  if (!Array.isArray(executed.reply)) return { error: 'EXECABORT Transaction discarded' };
  return executed.reply.map((reply) => (reply instanceof Error ? { error: reply.message } : { reply }));
}

async function send(redis: Redis, commands: RedisCommand[]): Promise<CommandOutcome[]> {
  if (commands.length === 0) return [];
  if (redis.status !== 'ready') throw unavailable('Redis cannot be reached');
  const pipeline = redis.pipeline();
  for (const { name, args } of commands) pipeline.callBuffer(name, ...args);
  const results = (await pipeline.exec()) ?? [];
  return results.map(([error, reply]) => {
    if (error === null) return { reply: reply as RedisReply };
    if (error.name === 'ReplyError') return { error: error.message };
    // Whatever is not Redis' own answer (closed, timed out) leaves the command's fate open. Its message may name the command: not shown.
    throw unavailable('Redis went away or did not answer in time; the command may have run');
  });
}

function unavailable(reason: string): Refusal {
  return new Refusal(503, `UNAVAILABLE ${reason}`);
}
