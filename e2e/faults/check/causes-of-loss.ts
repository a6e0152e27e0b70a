import type { FaultSpan, History } from '../history/history.ts';
import type { AttemptRow } from '../history/read-rows.ts';

/** What has set a loss in motion may be over this long before it arrives. */
const aftermathMs = 2_000;

export type CauseOfLoss =
  | { kind: 'fault'; fault: FaultSpan }
  /** A poison that ran on the same worker. */
  | { kind: 'poison'; taskId: string };

/** What happened while an attempt ran that may have cost it. */
export function causesOfLoss(attempt: AttemptRow, { faults, kills }: History): CauseOfLoss[] {
  const fromMs = attempt.startedAtMs - aftermathMs;
  const toMs = attempt.endedAtMs ?? Infinity;
  return [
    ...faults
      .filter(
        (fault) =>
          mayCost(fault, attempt.workerId) &&
          fault.startedAtMs <= toMs &&
          fault.healedAtMs + aftermathMs >= fromMs,
      )
      .map((fault) => ({ kind: 'fault' as const, fault })),
    ...kills
      .filter(({ workerId, atMs }) => workerId === attempt.workerId && atMs >= fromMs && atMs <= toMs)
      .map(({ taskId }) => ({ kind: 'poison' as const, taskId })),
  ];
}

function mayCost({ mayCost: whom }: FaultSpan, workerId: string): boolean {
  return whom === 'all' || (whom !== 'none' && whom.includes(workerId));
}
