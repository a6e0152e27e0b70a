import type { Database } from '@runfleet/shared/db/database.ts';
import { loseAttempts } from '@runfleet/shared/db/lose-attempts.ts';
import { registerWorker } from '@runfleet/shared/db/register-worker.ts';
import type { Dispatch } from '@runfleet/shared/queue/contract.ts';

/**
 * Registers a worker, and gives up what the process that had its id before has left running. When that did not stop in
 * order, what it ran is lost. From now on the reconciler sees a live worker under this id, so what it had not yet taken
 * from a lost one is lost here too.
 *
 * @returns what to dispatch
 */
export async function takePlace(
  db: Database,
  registration: Parameters<typeof registerWorker>[1],
): Promise<Dispatch[]> {
  const before = await registerWorker(db, registration);
  if (before !== 'live' && before !== 'lost') return [];
  const lost = await loseAttempts(
    db,
    { kind: 'of_worker', workerId: registration.id },
    { crash: true, limit: 10_000 },
  );
  return lost.filter(({ status }) => status === 'queued');
}
