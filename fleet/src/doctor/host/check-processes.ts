import { defaultLimits } from '@runfleet/shared/model/task-limits.ts';
import { ok, warning, type Finding } from '../finding.ts';
import type { WorkerPlan } from '../plan.ts';

/** A waiting Node has eleven threads, and two processes stand before it in the sandbox. */
const threadsOfWaitingChild = 13;
const threadsOfWorker = 32;

/** @param processes how many processes and threads the worker's user may have */
export function checkProcesses(processes: number, { concurrency, poolSize }: WorkerPlan): Finding {
  const item = 'limits.processes';
  const found =
    processes === Infinity
      ? 'no limit of processes and threads'
      : `at most ${processes} processes and threads of this user`;
  const needed = threadsOfWorker + concurrency * defaultLimits.threads + poolSize * threadsOfWaitingChild;
  if (processes >= needed) return ok(item, found, `${concurrency} tasks at once may take ${needed}`);
  return warning(
    item,
    found,
    `${concurrency} tasks at once may take ${needed}, and without them children fail to start`,
    `LimitNPROC=${needed} and TasksMax=${needed} in the unit, or ulimit -u ${needed} before the worker`,
  );
}
