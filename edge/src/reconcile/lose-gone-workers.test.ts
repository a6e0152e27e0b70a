import { stopWorker } from '@runfleet/shared/db/stop-worker.ts';
import { redisEpochKey, tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import {
  beat,
  claim,
  record,
  seedTask,
  seedWorker,
  type SeededTask,
  type SeededWorker,
} from '../../test/seed.ts';
import { reconcileOnce, setBack, startAfresh } from '../../test/start-afresh.ts';
import { useEdge } from '../../test/use-edge.ts';

const edge = await useEdge({ redis: 'lose-gone-workers' });
startAfresh(edge);

/** A worker that registered long enough ago to be missed. */
async function seedOldWorker(): Promise<SeededWorker> {
  const worker = await seedWorker(edge);
  await setBack(edge, 'workers', 'registered_at', worker.id, 60);
  return worker;
}

async function seedRunning(worker: SeededWorker, task: SeededTask = {}): Promise<string> {
  const id = await seedTask(edge, task);
  await claim(edge, worker, [id]);
  return id;
}

const readWorker = ({ id }: SeededWorker) =>
  edge.db().selectFrom('workers').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const readTask = (id: string) =>
  edge.db().selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('a worker whose heartbeat is gone', () => {
  it('is lost, and its tasks get a new attempt that is dispatched in the same run', async () => {
    const [gone, alive] = [await seedOldWorker(), await seedOldWorker()];
    await beat(edge, alive);
    const [theirs, ours] = [await seedRunning(gone), await seedRunning(alive)];

    const summary = await reconcileOnce(edge);
    expect(summary).toMatchObject({
      workersLost: [gone.id],
      workersSuspected: [],
      retried: 1,
      failed: [],
      dispatched: 1,
      errors: [],
    });
    expect(await readWorker(gone)).toMatchObject({ status: 'lost', endedAt: expect.any(Date) });
    expect(await readTask(theirs)).toMatchObject({
      status: 'queued',
      attempt: 2,
      delivery: 0,
      losses: 1,
      crashes: 1,
      workerId: null,
    });
    const waiting = await edge.redis().lrange(`runfleet:${tasksQueueName(edge.type)}:wait`, 0, -1);
    expect(waiting).toEqual([`t-${theirs}-2`]);
    expect(await readWorker(alive)).toMatchObject({ status: 'live' });
    expect(await readTask(ours)).toMatchObject({ status: 'running', attempt: 1 });
    const attempts = await edge
      .db()
      .selectFrom('attempts')
      .selectAll()
      .where('taskId', '=', theirs)
      .execute();
    expect(attempts).toMatchObject([{ attempt: 1, outcome: 'lost', workerId: gone.id }]);
  });

  it('is lost once: the next run finds nothing more to do', async () => {
    await seedRunning(await seedOldWorker());
    await reconcileOnce(edge);
    expect(await reconcileOnce(edge)).toMatchObject({ workersLost: [], retried: 0, dispatched: 0 });
  });

  it('is lost although another process beats under its id', async () => {
    const worker = await seedOldWorker();
    await beat(edge, worker, { instance: crypto.randomUUID() });
    expect(await reconcileOnce(edge)).toMatchObject({ workersLost: [worker.id] });
  });

  it('is not missed while it has only just registered', async () => {
    await seedRunning(await seedWorker(edge));
    expect(await reconcileOnce(edge)).toMatchObject({ workersLost: [], workersSuspected: [], retried: 0 });
  });

  it('is not missed when it stopped in order', async () => {
    const worker = await seedOldWorker();
    await stopWorker(edge.db(), worker);
    expect(await reconcileOnce(edge)).toMatchObject({ workersLost: [] });
    expect(await readWorker(worker)).toMatchObject({ status: 'stopped' });
  });

  it('is live again when it beats again, and its late outcome changes nothing', async () => {
    const worker = await seedOldWorker();
    const id = await seedRunning(worker);
    await reconcileOnce(edge);
    await beat(edge, worker);
    await reconcileOnce(edge);
    expect(await readWorker(worker)).toMatchObject({ status: 'live', endedAt: null });
    expect(await record(edge, worker, { taskId: id, attempt: 1, delivery: 1 })).toBe(false);
    expect(await readTask(id)).toMatchObject({ status: 'queued', attempt: 2 });
  });
});

describe('a task that was lost with its worker', () => {
  it('ends as worker_lost when it had only this attempt', async () => {
    const id = await seedRunning(await seedOldWorker(), { maxAttempts: 1 });
    const { failed, retried } = await reconcileOnce(edge);
    expect({ failed, retried }).toEqual({ failed: [{ taskId: id, reason: 'worker_lost' }], retried: 0 });
    expect(await readTask(id)).toMatchObject({ status: 'failed', reason: 'worker_lost', attempt: 1 });
  });

  it('ends as poisoned when it took down three, whatever attempts it has left', async () => {
    const id = await seedTask(edge, { maxAttempts: 10 });
    const summaries = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      await claim(edge, await seedOldWorker(), [id], { attempt });
      summaries.push(await reconcileOnce(edge));
    }
    expect(summaries.map(({ retried }) => retried)).toEqual([1, 1, 0]);
    expect(summaries[2]?.failed).toEqual([{ taskId: id, reason: 'poisoned' }]);
    expect(await readTask(id)).toMatchObject({
      status: 'failed',
      reason: 'poisoned',
      attempt: 3,
      crashes: 3,
    });
  });
});

describe('when more than half of the workers vanish at once', () => {
  it('they are suspected first, and lost at the second look', async () => {
    const workers = [await seedOldWorker(), await seedOldWorker(), await seedOldWorker()] as const;
    await beat(edge, workers[0]);
    const id = await seedRunning(workers[1]);
    const missing = [workers[1].id, workers[2].id].toSorted();

    const first = await reconcileOnce(edge);
    expect(first).toMatchObject({ workersSuspected: missing, workersLost: [], retried: 0 });
    expect(await readTask(id)).toMatchObject({ status: 'running' });

    const tooEarly = await reconcileOnce(edge);
    expect(tooEarly).toMatchObject({ workersSuspected: [], workersLost: [], retried: 0 });

    for (const worker of missing) await setBack(edge, 'workers', 'suspected_at', worker, 31);
    const second = await reconcileOnce(edge);
    expect(second).toMatchObject({ workersSuspected: [], workersLost: missing, retried: 1 });
    expect(await readTask(id)).toMatchObject({ status: 'queued', attempt: 2 });
  });

  it('one that is back by then was never lost', async () => {
    const workers = [await seedOldWorker(), await seedOldWorker()] as const;
    await reconcileOnce(edge);
    await beat(edge, workers[0]);
    for (const { id } of workers) await setBack(edge, 'workers', 'suspected_at', id, 31);
    expect(await reconcileOnce(edge)).toMatchObject({ workersLost: [workers[1].id] });
    expect(await readWorker(workers[0])).toMatchObject({ status: 'live', suspectedAt: null });
  });

  it('half of them is not more than half', async () => {
    const [gone, alive] = [await seedOldWorker(), await seedOldWorker()];
    await beat(edge, alive);
    expect(await reconcileOnce(edge)).toMatchObject({ workersLost: [gone.id], workersSuspected: [] });
  });
});

describe('when Redis is new, or was wiped', () => {
  it('nobody is lost for it, and what was queued is dispatched again', async () => {
    const [a, b, c] = [await seedOldWorker(), await seedOldWorker(), await seedOldWorker()];
    await beat(edge, b);
    await beat(edge, c);
    const running = await seedRunning(a);
    const queued = await seedTask(edge); // due in five seconds only
    await edge.redis().flushdb();

    const summary = await reconcileOnce(edge);
    expect(summary).toMatchObject({
      redisWasNew: true,
      workersLost: [],
      retried: 0,
      dispatched: 1,
      errors: [],
    });
    expect(summary.workersSuspected).toEqual([a.id, b.id, c.id].toSorted());
    expect(await edge.redis().exists(`runfleet:${tasksQueueName(edge.type)}:t-${queued}-1`)).toBe(1);
    expect(await readTask(running)).toMatchObject({ status: 'running' });

    // They write their heartbeats again; one does not.
    await beat(edge, b);
    await beat(edge, c);
    await sql`update workers set suspected_at = suspected_at - interval '31 s'`.execute(edge.db());
    expect(await reconcileOnce(edge)).toMatchObject({ redisWasNew: false, workersLost: [a.id], retried: 1 });
  });

  it('stays new until a run has done all that this asks for', async () => {
    const id = await seedTask(edge);
    await edge.redis().flushdb();
    await edge.redis().set(`runfleet:${tasksQueueName(edge.type)}:wait`, 'not a list');
    expect(await reconcileOnce(edge)).toMatchObject({
      redisWasNew: true,
      errors: [{ rule: 'dispatch-due' }],
    });
    expect(await edge.redis().exists(redisEpochKey)).toBe(0);

    await edge.redis().flushdb();
    await setBack(edge, 'tasks', 'dispatch_due', id, 0);
    expect(await reconcileOnce(edge)).toMatchObject({ redisWasNew: true, dispatched: 1, errors: [] });
    expect(await edge.redis().exists(redisEpochKey)).toBe(1);
  });
});
