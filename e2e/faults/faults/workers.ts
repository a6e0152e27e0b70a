import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import type { Random } from '../random.ts';
import type { Member, System } from '../system/system.ts';
import { mayCome, until } from '../until.ts';

/** A worker that runs a task now; any of them when none does within a second. */
export async function workerWithWork(system: System, random: Random, signal: AbortSignal): Promise<Member> {
  const candidates = random.shuffled(system.workers);
  const busy = await mayCome(
    1_000,
    async () => {
      const rows = await system.postgres.query<{ workerId: string }>(
        `select worker_id as "workerId" from tasks where status = 'running' group by 1`,
      );
      return candidates.find(({ slot }) => rows.some((row) => row.workerId === slot.name)) ?? null;
    },
    signal,
  );
  return busy ?? random.pick(candidates);
}

/** Waits until this worker's own process beats: it is at work again. */
export async function untilItBeats({ redis }: System, { slot }: Member, signal: AbortSignal): Promise<void> {
  await until(
    `${slot.name} beats`,
    30_000,
    async () => {
      const beat = await redis.redis.get(heartbeatKey(slot.name));
      return beat !== null && (JSON.parse(beat) as { pid: number }).pid === slot.pid;
    },
    signal,
  );
}

export function namesOf(members: readonly Member[]): string[] {
  return members.map(({ slot }) => slot.name);
}
