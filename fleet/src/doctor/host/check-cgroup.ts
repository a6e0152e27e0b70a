import { takeDelegation } from '../../executor/cgroup/delegation.ts';
import { ok, warning, type Finding } from '../finding.ts';

/**
 * What a worker that is started as this process was would have of control groups. It is found out as a worker does, by
 * taking it; at its exit this process gives it back.
 */
export function checkCgroup({ delegation, missing } = takeDelegation()): Finding {
  const item = 'cgroup';
  const controllers = delegation?.controllers.join(' and ') ?? '';
  if (missing === null) {
    return ok(
      item,
      `version 2, ${controllers} delegated at ${delegation?.directory}`,
      'the kernel itself holds each task to its memory and its threads, and ends it as a whole',
    );
  }
  const means = [
    'V8, resource limits and a look every 50 ms hold a task, which can take more between two looks',
    ...(controllers === '' ? [] : [`the kernel holds its ${controllers}`]),
    ...(delegation === null ? [] : ['the kernel can end it as a whole']),
  ];
  return warning(item, missing.why, means.join('; '), missing.remedy);
}
