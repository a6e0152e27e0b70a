import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from './bench-context.ts';
import { closedLoop, forCount } from './closed-loop.ts';
import { countRedisCommands, type RedisClient, type RedisCommands } from './count-redis-commands.ts';
import { countStatements } from './count-statements.ts';
import { runfleetBlock } from './measure-throughput.ts';
import { runTask } from './run-task.ts';
import { TaskWatch } from './task-watch.ts';

/** For each task: what each part sends. */
interface RequestsPerTask {
  tasks: number;
  postgresStatements: Record<RedisClient, number>;
  redisCommands: Record<RedisClient, number>;
  insideRedisScripts: number;
}

export interface Requests {
  oneAtATime: RequestsPerTask;
  underLoad: RequestsPerTask;
}

/** What the last task's acknowledgements take after it was recorded. */
const settleMs = 500;

export async function countRequests(context: BenchContext): Promise<Requests> {
  const { plan, stack, postgres } = context;
  const watch = new TaskWatch(postgres, 2);
  return {
    oneAtATime: await countWhile(context, async () => {
      const run = () => runTask(stack.edgeUrl, watch);
      return (await closedLoop(1, forCount(plan.countedIdleTasks), run)).length;
    }),
    underLoad: await countWhile(
      context,
      async () => (await runfleetBlock(context, plan.countedLoadMs)).times.length,
    ),
  };
}

async function countWhile(
  { stack, postgres, redis }: BenchContext,
  runTasks: () => Promise<number>,
): Promise<RequestsPerTask> {
  const logFile = stack.parts().find(({ name }) => name === 'postgres')?.logFile;
  if (logFile === undefined) throw new Error('the stack has no Postgres of its own');
  const stopStatements = await countStatements(postgres, logFile);
  const stopCommands = await countRedisCommands(redis);
  const tasks = await runTasks();
  await delay(settleMs);
  const commands = await stopCommands();
  const statements = await stopStatements();
  return {
    tasks,
    postgresStatements: perTask(statements, tasks),
    redisCommands: perTask(commands.sent, tasks),
    insideRedisScripts: commands.insideScripts / tasks,
  };
}

/** What an idle fleet of one worker and one recorder sends to Redis, by the minute. */
export async function countAtRest({ plan, redis }: BenchContext): Promise<RedisCommands['sent']> {
  const stop = await countRedisCommands(redis);
  await delay(plan.restMs);
  return perTask((await stop()).sent, plan.restMs / 60_000);
}

function perTask(counts: Record<RedisClient, number>, tasks: number): Record<RedisClient, number> {
  return {
    edge: counts.edge / tasks,
    worker: counts.worker / tasks,
    recorder: counts.recorder / tasks,
  };
}
