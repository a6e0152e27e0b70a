import { defaultTimings, type Timings } from '../../../src/model/timings.ts';

/** Ordinary times, but for a patience that would only make runs long. */
export const timings: Timings = { ...defaultTimings, backlogPatienceMs: 60_000 };
