import { expect, test } from 'vitest';
import { useStack } from '../stack-under-test.ts';

const timings = JSON.stringify({ heartbeatSeconds: 2, dispatchDelaySeconds: 1 });
const under = useStack({ workers: 0, timings });

test('7: Redis is wiped with tasks queued, and all still end', async () => {
  const submitted = await Promise.all(
    Array.from({ length: 30 }, (_, index) => under.client.submit({ code: `console.log(${index})` })),
  );
  await under.client.until(
    'their jobs are queued',
    () => under.redis.llen('runfleet:tasks-javascript:wait'),
    (jobs) => jobs === 30,
  );
  await under.redis.flushall();
  await under.stack.startWorker('worker-1');

  for (const [index, { id }] of submitted.entries()) {
    expect(await under.client.ended(id)).toMatchObject({
      status: 'completed',
      attempt: 1,
      result: { stdout: `${index}\n` },
    });
  }
});

test('7: Redis is wiped while tasks run, and each is still recorded once', async () => {
  const code = 'setTimeout(() => console.log("survived"), 1500)';
  const submitted = await Promise.all([1, 2].map(() => under.client.submit({ code })));
  await under.client.until(
    'one runs',
    () => under.client.tasks('?status=running'),
    ({ tasks }) => tasks.length > 0,
  );
  await under.redis.flushall();
  for (const { id } of submitted) {
    expect(await under.client.ended(id)).toMatchObject({
      status: 'completed',
      result: { stdout: 'survived\n' },
    });
  }
  // The worker beats again by itself, and was not taken for lost.
  await under.client.until(
    'it beats',
    () => under.client.worker('worker-1'),
    ({ status }) => status === 'live',
  );
});

test("7: the edge's enqueue fails after the insert, and the task still runs", async () => {
  // Full, so that Redis refuses every command that adds.
  await under.redis.config('SET', 'maxmemory', '1');
  const task = await under.client.submit({ code: 'console.log("late, not lost")' });
  try {
    await under.client.until(
      'Redis has refused something',
      () => under.redis.info('stats'),
      (stats) => /total_error_replies:[1-9]/.test(stats),
    );
    expect(await under.client.task(task.id)).toMatchObject({ status: 'queued' });
  } finally {
    await under.redis.config('SET', 'maxmemory', '0');
  }
  expect(await under.client.ended(task.id)).toMatchObject({
    status: 'completed',
    attempt: 1,
    result: { stdout: 'late, not lost\n' },
  });
});
