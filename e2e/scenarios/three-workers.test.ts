import { execFileSync } from 'node:child_process';
import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import type { Worker } from '@runfleet/shared/model/worker.ts';
import { expect, test } from 'vitest';
import { useStack } from '../stack-under-test.ts';

const ids = ['worker-1', 'worker-2', 'worker-3'];
const heartbeatSeconds = 2;
const under = useStack({ workers: 0, timings: JSON.stringify({ heartbeatSeconds }) });

function redisCli(...args: string[]): string {
  const port = new URL(under.stack.redisUrl).port;
  return execFileSync('redis-cli', ['-p', port, ...args], { encoding: 'utf8' }).trim();
}

/** An idle worker's attempts are all accounted for. */
function expectSum({ statistics: s }: Worker): void {
  expect(s.completed + s.failed + s.givenBack + s.lost).toBe(s.started);
  expect(Object.values(s.byReason).reduce((sum, count) => sum + count, 0)).toBe(s.completed + s.failed);
}

test('2: three workers share ten tasks, and the figures add up', async () => {
  await Promise.all(ids.map((id) => under.stack.startWorker(id, '--concurrency', '1')));
  // Long enough that one worker cannot have them all before the others look.
  const code = 'setTimeout(() => console.log("done"), 500)';
  const submitted = await Promise.all(Array.from({ length: 10 }, () => under.client.submit({ code })));
  const tasks = await Promise.all(submitted.map(({ id }) => under.client.ended(id)));
  expect(tasks.map((task) => task.status)).toEqual(Array.from({ length: 10 }, () => 'completed'));

  // What runs is known from the latest beat.
  const workers = await under.client.until(
    'their beats say that nothing runs',
    () => under.client.workers(),
    (seen) => seen.every(({ running }) => running === 0),
  );
  expect(workers.map(({ id, status }) => ({ id, status }))).toEqual(
    ids.map((id) => ({ id, status: 'live' })),
  );
  for (const worker of workers) {
    const mine = tasks.filter((task) => task.workerId === worker.id).length;
    expect(mine, `${worker.id} got some`).toBeGreaterThan(0);
    expect(worker.statistics).toMatchObject({
      started: mine,
      completed: mine,
      failed: 0,
      byReason: { ok: mine },
    });
    expect(worker.statistics.busyMs).toBeGreaterThanOrEqual(mine * 500);
    expectSum(worker);
    expect((await under.client.tasks(`?worker=${worker.id}`)).tasks).toHaveLength(mine);
  }
});

test('a second worker with the same id is refused', async () => {
  await expect(under.stack.startWorker('worker-1')).rejects.toThrow(
    /worker id "worker-1" is taken: process \d+ on/,
  );
  expect(await under.client.worker('worker-1')).toMatchObject({ status: 'live' });
});

test('6: the heartbeats are in Redis; one that is killed is lost, and its task runs on another', async () => {
  expect(redisCli('keys', 'worker:*:heartbeat').split('\n').toSorted()).toEqual(ids.map(heartbeatKey));
  const ttlSeconds = Number(redisCli('pttl', heartbeatKey('worker-1'))) / 1000;
  expect(ttlSeconds).toBeGreaterThan(1.5 * heartbeatSeconds);
  expect(ttlSeconds).toBeLessThanOrEqual(3 * heartbeatSeconds);

  const { id } = await under.client.submit({
    code: 'setTimeout(() => console.log("done"), 4000)',
    timeout: 60,
  });
  const running = await under.client.until(
    'it runs',
    () => under.client.task(id),
    (task) => task.status === 'running',
  );
  const victim = under.stack.parts().find((part) => part.name === running.workerId);
  if (victim === undefined) throw new Error(`nobody is ${running.workerId}`);
  under.stack.expectEnd(victim);
  victim.signal('SIGKILL');
  await victim.exited;

  await under.client.until(
    'the heartbeat has expired',
    async () => redisCli('exists', heartbeatKey(victim.name)),
    (exists) => exists === '0',
    3 * heartbeatSeconds * 1000 + 1_000,
  );
  expect(await under.client.worker(victim.name)).toMatchObject({ status: 'lost', running: 0 });

  const task = await under.client.ended(id, 60_000);
  expect(task).toMatchObject({ status: 'completed', attempt: 2, result: { stdout: 'done\n' } });
  expect(task.workerId).not.toBe(victim.name);
  const { rows } = await under.postgres.query(
    'select attempt, worker_id, outcome from attempts where task_id = $1 order by attempt',
    [id],
  );
  expect(rows).toEqual([
    { attempt: 1, worker_id: victim.name, outcome: 'lost' },
    { attempt: 2, worker_id: task.workerId, outcome: 'ok' },
  ]);
  for (const worker of await under.client.workers()) expectSum(worker);
}, 120_000);

test('a restarted worker goes on with its totals', async () => {
  const before = (await under.client.workers()).find((worker) => worker.status === 'lost');
  if (before === undefined) throw new Error('no worker was lost');
  await under.stack.startWorker(before.id);
  const after = await under.client.worker(before.id);
  expect(after).toMatchObject({
    status: 'live',
    statistics: { started: before.statistics.started, lost: 1 },
  });
});
