import type { Fault } from './fault.ts';
import { cutOffWorker } from './cut-off-worker.ts';
import { fourCrons } from './four-crons.ts';
import { killEdgeBeforeEnqueue } from './kill-edge-before-enqueue.ts';
import { killGateway } from './kill-gateway.ts';
import { killRecorderBeforeAcknowledge } from './kill-recorder-before-acknowledge.ts';
import { killRecorderBeforeCommit } from './kill-recorder-before-commit.ts';
import { killWorker } from './kill-worker.ts';
import { linkFaults } from './link-faults.ts';
import { loseAllWorkers } from './lose-all-workers.ts';
import { pauseWorker } from './pause-worker.ts';
import { restartPostgres, terminateConnections } from './postgres-faults.ts';
import { fillRedis, flushRedis, restartRedis } from './redis-faults.ts';
import { replaceWorkers } from './replace-workers.ts';
import { skewClock } from './skew-clock.ts';

/** Every kind of fault, for one campaign. */
export function createFaults(): Fault[] {
  return [
    killWorker,
    pauseWorker,
    cutOffWorker,
    loseAllWorkers,
    replaceWorkers,
    skewClock,
    killRecorderBeforeAcknowledge,
    killRecorderBeforeCommit,
    killEdgeBeforeEnqueue,
    killGateway,
    restartRedis,
    flushRedis,
    fillRedis,
    terminateConnections,
    restartPostgres,
    fourCrons,
    ...linkFaults(),
  ];
}
