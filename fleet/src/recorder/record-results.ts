import type { Database } from '@runfleet/shared/db/database.ts';
import { giveBackAttempts, type GivenBackAttempt } from '@runfleet/shared/db/give-back-attempts.ts';
import { recordOutcomes, type EndedAttempt } from '@runfleet/shared/db/record-outcomes.ts';
import { storableValue } from '@runfleet/shared/decide/storable-value.ts';
import type { EndedOutcome } from '@runfleet/shared/model/outcome.ts';
import type { Timings } from '@runfleet/shared/model/timings.ts';
import type { AttemptPayload, Dispatch, ResultPayload } from '@runfleet/shared/queue/contract.ts';
import { isRejectedData } from '../database-errors.ts';

/** `dropped`: the fence did not hold, so the outcome was late, or is recorded already. */
export type RecordVerdict = 'recorded' | 'dropped' | 'unrecordable';

export interface RecordedBatch {
  /** In the order of the results. */
  verdicts: RecordVerdict[];
  /** The new attempts of tasks that were given back, or are tried again. */
  toDispatch: Dispatch[];
}

/** Writes a batch of results: at most one statement for those that ended, and one for those that were given back. */
export async function recordResults(
  db: Database,
  results: readonly ResultPayload[],
  timings?: Timings,
): Promise<RecordedBatch> {
  const ended: EndedAttempt[] = [];
  const givenBack: GivenBackAttempt[] = [];
  for (const { outcome, ...fence } of results) {
    if (outcome.kind === 'ended') {
      ended.push({ ...fence, outcome: { ...outcome, value: storableValue(outcome.value) } });
    } else givenBack.push({ ...fence, durationMs: outcome.durationMs });
  }
  const verdicts = new Map<string, RecordVerdict>();
  const tried = ended.length > 0 ? await recordEnded(db, ended, timings, verdicts) : [];
  const returned = givenBack.length > 0 ? await giveBackAttempts(db, givenBack, timings) : [];
  for (const { taskId, attempt } of returned)
    verdicts.set(keyOf({ taskId, attempt: attempt - 1 }), 'recorded');
  return {
    verdicts: results.map((result) => verdicts.get(keyOf(result)) ?? 'dropped'),
    toDispatch: [...tried, ...returned],
  };
}

/** One batch may hold a late outcome of a task beside its current one. */
function keyOf({ taskId, attempt }: AttemptPayload): string {
  return `${taskId} ${attempt}`;
}

/**
 * One outcome that Postgres refuses must not keep the others of its batch from being recorded: they are written one by
 * one then, and the refused one is recorded as `internal`, without what was refused.
 *
 * @returns the attempts that follow
 */
async function recordEnded(
  db: Database,
  ended: readonly EndedAttempt[],
  timings: Timings | undefined,
  verdicts: Map<string, RecordVerdict>,
): Promise<Dispatch[]> {
  const record = async (attempts: readonly EndedAttempt[], verdict: RecordVerdict) => {
    const recorded = await recordOutcomes(db, attempts, timings);
    for (const held of recorded) verdicts.set(keyOf(held), verdict);
    return recorded.flatMap(({ next }) => next ?? []);
  };
  try {
    return await record(ended, 'recorded');
  } catch (error) {
    if (!isRejectedData(error)) throw error;
    if (ended.length > 1) {
      const tried: Dispatch[] = [];
      for (const one of ended) tried.push(...(await recordEnded(db, [one], timings, verdicts)));
      return tried;
    }
    const replaced = ended.map((one) => ({ ...one, outcome: unrecordable(one.outcome, error) }));
    return record(replaced, 'unrecordable');
  }
}

function unrecordable(outcome: EndedOutcome, error: Error): EndedOutcome {
  const nothing = { text: '', bytes: 0, droppedBytes: 0 };
  return {
    kind: 'ended',
    reason: 'internal',
    killedBy: null,
    limit: null,
    exitCode: null,
    signal: null,
    durationMs: outcome.durationMs,
    cpuMs: outcome.cpuMs,
    memoryPeakBytes: outcome.memoryPeakBytes,
    timings: outcome.timings,
    stdout: nothing,
    stderr: nothing,
    error: {
      name: 'RecordError',
      message: `The outcome could not be stored: ${error.message}`,
      stack: null,
      line: null,
      column: null,
      cause: null,
    },
    value: null,
    isolation: outcome.isolation,
  };
}
