import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './faults/fault.ts';
import type { FaultSpan } from './history/history.ts';
import type { Random } from './random.ts';
import { schedule } from './schedule.ts';
import type { System } from './system/system.ts';

/** Between the end of a fault and the begin of the next. */
const gapMs = { least: 500, most: 2_500 };
/** A fault that takes longer has not come to its end: the system does not get over it. */
const mostMs = 60_000;

export interface FaultRun {
  faults: readonly Fault[];
  random: Random;
  /** After this time no further fault begins. */
  forMs: number;
  signal: AbortSignal;
}

/** Breaks one thing after the other, and returns what was broken when. Throws when the system does not get over a fault. */
export async function runFaults(
  system: System,
  { faults, random, forMs, signal }: FaultRun,
  say: (line: string) => void,
): Promise<FaultSpan[]> {
  const spans: FaultSpan[] = [];
  const deadline = performance.now() + forMs;
  const order = schedule(faults, random.stream('order'));
  for (;;) {
    const fault = order.next().value;
    await delay(random.between(gapMs.least, gapMs.most), undefined, { signal });
    if (performance.now() >= deadline) return spans;
    const startedAtMs = Date.now();
    const timeBox = AbortSignal.any([signal, AbortSignal.timeout(mostMs)]);
    try {
      const { paused = [], ...damage } = await fault.run(
        system,
        random.stream(`${fault.name} ${spans.length}`),
        timeBox,
      );
      const healedAtMs = Date.now();
      spans.push({ name: fault.name, startedAtMs, healedAtMs, paused, ...damage });
      say(`${fault.name}: ${damage.note} (${healedAtMs - startedAtMs} ms)`);
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`the system did not get over ${fault.name}: ${why}`, { cause: error });
    }
  }
}
