import { defaultLimits, maxLimits } from '@runfleet/shared/model/task-limits.ts';
import { failed, ok, warning, type Finding } from '../finding.ts';
import type { WorkerPlan } from '../plan.ts';

/** Pipes of one child, as its worker holds them, with room. */
const filesPerChild = 8;
const filesOfWorker = 128;

/** @param openFiles the limit of a process; Node raises it to the hard one at its start */
export function checkOpenFiles(openFiles: number, { concurrency, poolSize }: WorkerPlan): Finding {
  const item = 'limits.files';
  const found =
    openFiles === Infinity ? 'no limit of open files' : `at most ${openFiles} open files a process`;
  const needed = Math.max(defaultLimits.openFiles, filesOfWorker + filesPerChild * (concurrency + poolSize));
  const remedy = (files: number) =>
    `LimitNOFILE=${files} in the unit, or ulimit -n ${files} before the worker`;
  if (openFiles < needed) {
    return failed(
      item,
      found,
      `the worker and its tasks need ${needed}`,
      remedy(Math.max(needed, maxLimits.openFiles)),
    );
  }
  if (openFiles < maxLimits.openFiles) {
    const means = `enough, but a task that asks for more than ${openFiles} (up to ${maxLimits.openFiles}) cannot start`;
    return warning(item, found, means, remedy(maxLimits.openFiles));
  }
  return ok(item, found, `enough for ${concurrency} tasks at once`);
}
