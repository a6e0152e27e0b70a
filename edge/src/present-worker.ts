import type { WorkerRow } from '@runfleet/shared/db/list-workers.ts';
import type { Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import { outcomeReasons } from '@runfleet/shared/model/status.ts';
import type { Worker } from '@runfleet/shared/model/worker.ts';

/** A worker's row and its heartbeat, if it has one, as the API shows them. */
export function presentWorker(row: WorkerRow, heartbeat: Heartbeat | null): Worker {
  // A heartbeat of another process is not this worker's.
  const beat = heartbeat?.instance === row.instance ? heartbeat : null;
  const { given_back: givenBack = 0, lost = 0, late = 0, ...byReason } = row.outcomes;
  const ended = outcomeReasons.reduce((sum, reason) => sum + (byReason[reason] ?? 0), 0);
  const completed = byReason.ok ?? 0;
  return {
    id: row.id,
    type: row.type,
    status: statusOf(row, beat),
    host: row.host,
    pid: row.pid,
    version: row.version,
    concurrency: row.concurrency,
    startedAt: row.registeredAt.toISOString(),
    lastBeatAt: beat?.beatAt ?? row.lastBeatAt.toISOString(),
    running: beat?.running.length ?? 0,
    runningTasks: row.runningTasks,
    isolation: beat?.isolation ?? null,
    pool: beat?.pool ?? null,
    statistics: {
      started: row.claimed,
      completed,
      failed: ended - completed,
      givenBack,
      lost,
      late,
      byReason,
      busyMs: Math.round(row.busyMs),
      occupancy: beat === null ? null : occupancyOf(beat),
    },
  };
}

/** The heartbeat is the newer witness: a worker without one is lost even before the reconciler has noticed. */
function statusOf(row: WorkerRow, beat: Heartbeat | null): Worker['status'] {
  if (row.status === 'stopped') return 'stopped';
  if (beat === null) return 'lost';
  return beat.draining ? 'draining' : 'live';
}

function occupancyOf({ concurrency, counters }: Heartbeat): number {
  const possibleMs = counters.upMs * concurrency;
  return possibleMs === 0 ? 0 : Math.min(1, counters.busyMs / possibleMs);
}
