import type { BenchContext } from './bench-context.ts';
import { closedLoop, forCount } from './closed-loop.ts';
import { latencyOf, type Latency } from './latency.ts';
import { runTask } from './run-task.ts';
import { TaskWatch } from './task-watch.ts';

/** One task at a time: nothing waits for anything else. */
export async function measureIdleLatency({ plan, stack, postgres }: BenchContext): Promise<Latency> {
  const watch = new TaskWatch(postgres, 2);
  return latencyOf(await closedLoop(1, forCount(plan.idleTasks), () => runTask(stack.edgeUrl, watch)));
}
