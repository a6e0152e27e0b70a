import { giveBackAttempts } from '@runfleet/shared/db/give-back-attempts.ts';
import { loseAttempts } from '@runfleet/shared/db/lose-attempts.ts';
import { stopWorker } from '@runfleet/shared/db/stop-worker.ts';
import type { Worker } from '@runfleet/shared/model/worker.ts';
import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import { describe, expect, it } from 'vitest';
import { countRequests } from '../../test/count-requests.ts';
import { expectProblem } from '../../test/expect-problem.ts';
import { useLogLines } from '../../test/log-lines.ts';
import { beat, claim, heartbeatOf, record, seedTask, seedWorker } from '../../test/seed.ts';
import { useEdge } from '../../test/use-edge.ts';

const edge = await useEdge();
useLogLines();

async function get(id: string): Promise<Worker> {
  const response = await edge.fetch(`/workers/${id}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Worker;
}

describe('a worker', () => {
  it('that beats is live', async () => {
    const worker = await seedWorker(edge);
    const running = [crypto.randomUUID(), crypto.randomUUID()];
    const counters = {
      claimed: 2,
      completed: 0,
      failed: 0,
      givenBack: 0,
      dropped: 0,
      busyMs: 6_000,
      upMs: 60_000,
    };
    const isolation = { level: 'sandbox' as const, parts: { user_ns: 'own', memory: 'cgroup' } };
    const pool = { waiting: 2, hits: 7, misses: 1, replaced: 3, spawnFailures: 4 };
    await beat(edge, worker, { beatAt: '2026-11-20T10:00:00.000Z', running, counters, isolation, pool });
    expect(await get(worker.id)).toMatchObject({
      id: worker.id,
      type: edge.type,
      status: 'live',
      host: 'host-1',
      pid: 4711,
      version: '0.1.0',
      concurrency: 4,
      lastBeatAt: '2026-11-20T10:00:00.000Z',
      running: 2,
      runningTasks: [],
      isolation,
      pool,
      // 6 s of work where 4 × 60 s were possible.
      statistics: { occupancy: 0.025 },
    });
  });

  it('of a version that does not say what stands around its attempts is live too', async () => {
    const worker = await seedWorker(edge);
    const { isolation: _, pool: __, ...older } = heartbeatOf(edge, worker);
    await edge.redis().set(heartbeatKey(worker.id), JSON.stringify(older), { px: 30_000 });
    expect(await get(worker.id)).toMatchObject({ status: 'live', isolation: null, pool: null });
  });

  it('that beats and takes no new work is draining', async () => {
    const worker = await seedWorker(edge);
    await beat(edge, worker, { draining: true });
    expect(await get(worker.id)).toMatchObject({ status: 'draining' });
  });

  it.each([
    ['no heartbeat', null],
    [
      'a heartbeat of another process',
      (id: string) => heartbeatOf(edge, { id, instance: crypto.randomUUID() }),
    ],
    ['something else where its heartbeat should be', () => ({ hello: 'world' })],
    ['no JSON where its heartbeat should be', () => 'garbage'],
  ])('with %s is lost', async (_, value) => {
    const worker = await seedWorker(edge);
    if (value !== null) {
      const written = value(worker.id);
      const text = typeof written === 'string' ? written : JSON.stringify(written);
      await edge.redis().set(heartbeatKey(worker.id), text, { px: 30_000 });
    }
    expect(await get(worker.id)).toMatchObject({
      status: 'lost',
      running: 0,
      lastBeatAt: expect.stringMatching(/Z$/),
      isolation: null,
      pool: null,
      statistics: { occupancy: null },
    });
  });

  it('that ended in order is stopped, even while its last heartbeat is still there', async () => {
    const worker = await seedWorker(edge);
    await beat(edge, worker);
    await stopWorker(edge.db(), worker);
    expect(await get(worker.id)).toMatchObject({ status: 'stopped' });
  });

  it("shows which tasks run on it, but no other tenant's", async () => {
    const worker = await seedWorker(edge);
    const mine = await seedTask(edge);
    const theirs = await seedTask(edge, { tenantId: 'somebody-else' });
    await claim(edge, worker, [mine, theirs]);
    await beat(edge, worker, { running: [mine, theirs] });
    expect(await get(worker.id)).toMatchObject({ running: 2, runningTasks: [mine] });
  });
});

describe('statistics', () => {
  it('add up, and outlive the worker in Redis', async () => {
    const worker = await seedWorker(edge);
    const ids = await Promise.all(Array.from({ length: 8 }, () => seedTask(edge)));
    const deliveries = await claim(edge, worker, ids);
    const [ok, ok2, failed, timedOut, lost, givenBack] = deliveries as [
      (typeof deliveries)[0],
      ...typeof deliveries,
    ];
    await record(edge, worker, ok, { durationMs: 100 });
    await record(edge, worker, ok2!, { durationMs: 50.5 });
    await record(edge, worker, failed!, { reason: 'exit_code', exitCode: 1, durationMs: 10 });
    await record(edge, worker, timedOut!, {
      reason: 'timeout',
      exitCode: null,
      signal: 'SIGKILL',
      durationMs: 1000,
    });
    await loseAttempts(
      edge.db(),
      { kind: 'attempt', taskId: lost!.taskId, attempt: 1 },
      { crash: false, limit: 1 },
    );
    await record(edge, worker, lost!, { durationMs: 7 }); // late
    await giveBackAttempts(edge.db(), [{ ...givenBack!, workerId: worker.id, durationMs: 5 }]);
    await beat(edge, worker, { running: ids.slice(6) });

    const { statistics, running, runningTasks } = await get(worker.id);
    expect(statistics).toMatchObject({
      started: 8,
      completed: 2,
      failed: 2,
      givenBack: 1,
      lost: 1,
      late: 1,
      byReason: { ok: 2, exit_code: 1, timeout: 1 },
      busyMs: 1166,
    });
    expect(running).toBe(2);
    expect(runningTasks).toEqual(ids.slice(6).toSorted());
    const { started, completed, failed: failures, givenBack: back, lost: losses } = statistics;
    expect(completed + failures + back + losses + running).toBe(started);

    await edge.redis().del(heartbeatKey(worker.id));
    const afterwards = await get(worker.id);
    expect(afterwards).toMatchObject({ status: 'lost', running: 0 });
    expect(afterwards.statistics).toEqual({ ...statistics, occupancy: null });
  });

  it('go on when another process takes the id', async () => {
    const worker = await seedWorker(edge);
    const [delivery] = await claim(edge, worker, [await seedTask(edge)]);
    await record(edge, worker, delivery!);
    await seedWorker(edge, { id: worker.id });
    expect((await get(worker.id)).statistics).toMatchObject({ started: 1, completed: 1 });
  });
});

describe('the list of workers', () => {
  it('has every worker by its id, each with its own heartbeat', async () => {
    const [a, b, c] = [await seedWorker(edge), await seedWorker(edge), await seedWorker(edge)];
    await beat(edge, a, { draining: true });
    await beat(edge, c);
    const response = await edge.fetch('/workers');
    const { workers } = (await response.json()) as { workers: Worker[] };

    expect(response.status).toBe(200);
    expect(workers.map(({ id }) => id)).toEqual(workers.map(({ id }) => id).toSorted());
    const shown = workers.filter(({ id }) => [a.id, b.id, c.id].includes(id));
    expect(Object.fromEntries(shown.map(({ id, status }) => [id, status]))).toEqual({
      [a.id]: 'draining',
      [b.id]: 'lost',
      [c.id]: 'live',
    });
    expect(shown.find(({ id }) => id === a.id)).toEqual(await get(a.id));
  });

  it('costs one request to Postgres and one to Redis', async () => {
    await seedWorker(edge);
    expect(await countRequests(edge, () => edge.fetch('/workers'))).toEqual({ postgres: 1, redis: 1 });
  });
});

it.each(['-x', '.hidden', 'a b', 'a%20b', 'ü', 'x'.repeat(65), 'a%2Fb', '%00'])(
  '%s is not an id',
  async (id) => {
    await expectProblem(await edge.fetch(`/workers/${id}`), 'invalid_worker_id');
  },
);

it('a worker that nobody has seen is not found', async () => {
  await expectProblem(await edge.fetch('/workers/never-seen'), 'worker_not_found');
});
