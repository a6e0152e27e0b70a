import fc from 'fast-check';
import { workerIds, type Role, type System, type WorkerId } from './system.ts';
import { Worker } from './worker.ts';
import type { World } from './world.ts';

export type Fault = { afterMs: number } & (
  | { kind: 'kill' | 'pause' | 'cut off Redis' | 'cut off Postgres' | 'lose its next answer'; whom: Role }
  | { kind: 'drain' | 'start another'; whom: WorkerId }
  | { kind: 'wipe Redis' | 'four crons' | 'deliver again' | 'undo' }
);

const afterMs = fc.constantFrom(0, 1_000, 12_000, 31_000);
const role = fc.constantFrom<Role>(...workerIds, 'recorder', 'edge', 'cron');

const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('pause', 'kill', 'cut off Redis', 'cut off Postgres', 'lose its next answer'),
    whom: role,
    afterMs,
  }),
  fc.record({ kind: fc.constantFrom('wipe Redis', 'undo', 'four crons', 'deliver again'), afterMs }),
  fc.record({
    kind: fc.constantFrom('start another', 'drain'),
    whom: fc.constantFrom(...workerIds),
    afterMs,
  }),
);

/** Any fault, or any of some kinds. */
export function faultOf(kinds?: readonly Fault['kind'][]): fc.Arbitrary<Fault> {
  return kinds === undefined ? anyFault : anyFault.filter(({ kind }) => kinds.includes(kind));
}

export function inflict(fault: Fault, world: World, system: System): void {
  switch (fault.kind) {
    case 'kill':
      return system.living(fault.whom).forEach((process) => process.kill());
    case 'pause':
      return system.living(fault.whom).forEach((process) => process.pause());
    case 'cut off Redis':
      return system.living(fault.whom).forEach((process) => process.cutOffFrom.add('redis'));
    case 'cut off Postgres':
      return system.living(fault.whom).forEach((process) => process.cutOffFrom.add('postgres'));
    case 'lose its next answer':
      return system.living(fault.whom).forEach((process) => (process.losesAnswer = true));
    case 'drain':
      return system.living(fault.whom).forEach((process) => process instanceof Worker && process.drain());
    case 'start another':
      return system.startWorker(fault.whom);
    case 'wipe Redis':
      return world.redis.wipe();
    case 'four crons':
      for (let i = 0; i < 4; i += 1) system.startCron();
      return;
    case 'deliver again':
      return world.redis.tasks.redeliverAll();
    case 'undo':
      return system.heal();
  }
}

export function describeFault(fault: Fault): string {
  return `FAULT: ${fault.kind}${'whom' in fault ? ` (${fault.whom})` : ''}`;
}
