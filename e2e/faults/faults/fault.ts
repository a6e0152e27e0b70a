import type { FaultSpan } from '../history/history.ts';
import type { Random } from '../random.ts';
import type { System } from '../system/system.ts';

/** What a fault has to say about itself when it is over. */
export type Damage = Pick<FaultSpan, 'mayCost' | 'note'> & { paused?: readonly string[] };

export interface Fault {
  name: string;
  /**
   * Breaks something and mends it. What it has broken is whole again when it returns; when it is interrupted by the
   * signal, or fails, whoever ran it heals everything.
   */
  run(system: System, random: Random, signal: AbortSignal): Promise<Damage>;
}
