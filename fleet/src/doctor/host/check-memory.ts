import { failed, ok, warning, type Finding } from '../finding.ts';
import { fittingConcurrency, wantedMemoryBytes, type WorkerPlan } from '../plan.ts';
import { formatBytes } from '../sizes.ts';

/** @param memoryBytes what the processes of a worker here can have together: of the host, or of its control group */
export function checkMemory(memoryBytes: number, plan: WorkerPlan): Finding {
  const item = 'limits.memory';
  const found = formatBytes(memoryBytes);
  const wanted = wantedMemoryBytes(plan);
  const load = `${plan.concurrency} tasks at once and ${plan.poolSize} waiting children may take ${formatBytes(wanted)}`;
  if (memoryBytes >= wanted) return ok(item, found, load);
  const fitting = fittingConcurrency(memoryBytes, plan);
  if (fitting === 0) {
    return failed(item, found, `${load}, and not even one task fits`, '--pool 1, or a larger host');
  }
  return warning(item, found, `${load}, and the kernel kills what does not fit`, `--concurrency ${fitting}`);
}
