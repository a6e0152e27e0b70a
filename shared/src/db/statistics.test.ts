import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { endedAttempt, startWorker, submitTask, type TestWorker } from '../../test/tasks.ts';
import { codeFailures } from '../model/retry.ts';
import { claimAttempts, type Delivery } from './claim-attempts.ts';
import { giveBackAttempts } from './give-back-attempts.ts';
import { listWorkers } from './list-workers.ts';
import { loseAttempts } from './lose-attempts.ts';
import { recordOutcomes } from './record-outcomes.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());

const retry = { limit: 2, delayMs: 0, backoff: 'fixed' as const, on: [...codeFailures] };

/** Something that may happen to a fleet of three workers and four tasks; numbers pick one, wrapping around. */
type Event =
  | { kind: 'claim'; worker: number; task: number }
  | { kind: 'record'; held: number[]; reason: 'ok' | 'timeout' | 'exit_code' | 'internal' }
  | { kind: 'giveBack'; held: number }
  | { kind: 'lose'; task: number; crash: boolean }
  | { kind: 'loseWorker'; worker: number };

const pick = fc.nat(99);
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('claim' as const), worker: pick, task: pick }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      held: fc.array(pick, { minLength: 1, maxLength: 4 }),
      reason: fc.constantFrom('ok' as const, 'timeout' as const, 'exit_code' as const, 'internal' as const),
    }),
  },
  fc.record({ kind: fc.constant('giveBack' as const), held: pick }),
  fc.record({ kind: fc.constant('lose' as const), task: pick, crash: fc.boolean() }),
  fc.record({ kind: fc.constant('loseWorker' as const), worker: pick }),
);

test('whatever happens, what each worker claimed is what ended, was given back, was lost or still runs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent, { minLength: 5, maxLength: 25 }), async (events) => {
      await database.clear();
      const workers = [await startWorker(db), await startWorker(db), await startWorker(db)];
      const tasks = [
        await submitTask(db),
        await submitTask(db, { maxAttempts: 1 }),
        await submitTask(db, { retry }),
        await submitTask(db, { retry: { ...retry, on: ['exit_code'] } }),
      ];
      // All that was ever claimed, so that outcomes come late and twice as well.
      const held: (Delivery & { worker: TestWorker })[] = [];

      for (const event of events) await happen(event, workers, tasks, held);

      expect(await sumsOf(workers)).toEqual(workers.map(({ id }) => ({ id, difference: 0 })));
      expect(await endedTasks()).toBe(await endedOutcomes());
    }),
    { numRuns: 30 },
  );
});

async function happen(
  event: Event,
  workers: TestWorker[],
  tasks: string[],
  held: (Delivery & { worker: TestWorker })[],
): Promise<void> {
  const one = <T>(list: T[], index: number) => list[index % list.length];
  switch (event.kind) {
    case 'claim': {
      const worker = one(workers, event.worker)!;
      const current = await db
        .selectFrom('tasks')
        .select(['id as taskId', 'attempt', 'delivery'])
        .where('id', '=', one(tasks, event.task)!)
        .executeTakeFirstOrThrow();
      const delivery = { ...current, delivery: current.delivery + 1 };
      const claimed = await claimAttempts(db, worker, [delivery]);
      if (claimed.length > 0) held.push({ ...delivery, worker });
      return;
    }
    case 'record': {
      const batch = event.held.flatMap((index) => one(held, index) ?? []);
      const outcomes = batch.map(({ worker, ...fence }) =>
        endedAttempt(fence, worker, { reason: event.reason }),
      );
      await recordOutcomes(db, outcomes);
      return;
    }
    case 'giveBack': {
      const attempt = one(held, event.held);
      if (attempt === undefined) return;
      const { worker, ...fence } = attempt;
      await giveBackAttempts(db, [{ ...fence, workerId: worker.id, durationMs: 5 }]);
      return;
    }
    case 'lose': {
      const taskId = one(tasks, event.task)!;
      const { attempt } = await db
        .selectFrom('tasks')
        .select('attempt')
        .where('id', '=', taskId)
        .executeTakeFirstOrThrow();
      await loseAttempts(db, { kind: 'attempt', taskId, attempt }, { crash: event.crash, limit: 1 });
      return;
    }
    case 'loseWorker': {
      const workerId = one(workers, event.worker)!.id;
      await loseAttempts(db, { kind: 'of_worker', workerId }, { crash: true, limit: 100 });
      return;
    }
  }
}

/** For each worker, what it claimed less what became of that. */
async function sumsOf(workers: TestWorker[]): Promise<{ id: string; difference: number }[]> {
  const rows = new Map((await listWorkers(db, 'acme')).map((row) => [row.id, row]));
  return workers.map(({ id }) => {
    const { claimed, outcomes, runningTasks } = rows.get(id)!;
    const { late: _late, ...accounted } = outcomes;
    const sum = Object.values(accounted).reduce((total, count) => total + count, 0);
    return { id, difference: claimed - sum - runningTasks.length };
  });
}

/** The outcomes of code: one for each task that it ended, and one for each retry. */
async function endedTasks(): Promise<number> {
  const rows = await db.selectFrom('tasks').select(['reason', 'retries']).execute();
  return rows.reduce((sum, { reason, retries }) => sum + retries + (isOfCode(reason) ? 1 : 0), 0);
}

async function endedOutcomes(): Promise<number> {
  const rows = await db.selectFrom('workerOutcomes').select(['outcome', 'count']).execute();
  return rows.reduce((sum, { outcome, count }) => sum + (isOfCode(outcome) ? Number(count) : 0), 0);
}

const isOfCode = (reason: string | null) => ['ok', 'timeout', 'exit_code'].includes(reason ?? '');
