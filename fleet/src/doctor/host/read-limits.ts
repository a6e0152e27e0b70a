import { totalmem } from 'node:os';

export interface HostLimits {
  openFiles: number;
  processes: number;
  memoryBytes: number;
}

/** What the kernel lets this process have, and so a worker that is started in the same way. Infinity for no limit. */
export function readLimits(): HostLimits {
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  // Looking up the names of network addresses could take seconds.
  report.excludeNetwork = true;
  const { userLimits = {} } = report.getReport() as {
    userLimits?: Record<string, { soft: number | 'unlimited' }>;
  };
  const limit = (name: string) => {
    const soft = userLimits[name]?.soft;
    return typeof soft === 'number' ? soft : Infinity;
  };
  // 0, or more than there is, where no control group limits it.
  const constrained = process.constrainedMemory() || Infinity;
  return {
    openFiles: limit('open_files'),
    processes: limit('max_user_processes'),
    memoryBytes: Math.min(totalmem(), constrained),
  };
}
