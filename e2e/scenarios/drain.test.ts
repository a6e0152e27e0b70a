import { heartbeatKey } from '@runfleet/shared/queue/contract.ts';
import { expect, test } from 'vitest';
import { useStack } from '../stack-under-test.ts';

const under = useStack({ workers: 0 });

test('5: a worker that is told to stop finishes its task, and the others take the rest', async () => {
  const first = await under.stack.startWorker('worker-1', '--concurrency', '1');
  const long = await under.client.submit({ code: 'setTimeout(() => console.log("finished"), 4000)' });
  await under.client.until(
    'it runs',
    () => under.client.task(long.id),
    ({ status }) => status === 'running',
  );
  const queued = await Promise.all(
    Array.from({ length: 5 }, (_, index) => under.client.submit({ code: `console.log(${index})` })),
  );

  under.stack.expectEnd(first);
  first.signal('SIGTERM');
  await under.client.until(
    'it says that it drains',
    () => under.client.worker('worker-1'),
    ({ status }) => status === 'draining',
  );
  await under.stack.startWorker('worker-2');
  expect(await first.exited).toEqual({ code: 0, signal: null });

  expect(await under.redis.exists(heartbeatKey('worker-1'))).toBe(0);
  expect(await under.client.ended(long.id)).toMatchObject({
    status: 'completed',
    attempt: 1,
    workerId: 'worker-1',
    result: { stdout: 'finished\n' },
  });
  for (const [index, { id }] of queued.entries()) {
    expect(await under.client.ended(id)).toMatchObject({
      status: 'completed',
      attempt: 1,
      workerId: 'worker-2',
      result: { stdout: `${index}\n` },
    });
  }
  expect(await under.client.worker('worker-1')).toMatchObject({
    status: 'stopped',
    statistics: { started: 1, completed: 1 },
  });
});

test('a task that outlasts the drain is given back uncharged, and runs elsewhere at once', async () => {
  const hurried = await under.stack.startWorker('worker-3', '--concurrency', '1', '--drain-timeout', '0.5');
  const second = under.stack.parts().find((part) => part.name === 'worker-2');
  if (second === undefined) throw new Error('worker-2 is gone');
  under.stack.expectEnd(second);
  await second.stop();

  const code = `console.log(process.env.RUNFLEET_ATTEMPT); setTimeout(() => {}, 3000)`;
  const { id } = await under.client.submit({ code, maxAttempts: 1 });
  await under.client.until(
    'it runs',
    () => under.client.task(id),
    ({ status }) => status === 'running',
  );
  under.stack.expectEnd(hurried);
  hurried.signal('SIGTERM');
  expect(await hurried.exited).toEqual({ code: 0, signal: null });

  await under.stack.startWorker('worker-4');
  const task = await under.client.ended(id);
  expect(task).toMatchObject({ status: 'completed', attempt: 2, workerId: 'worker-4' });
  expect(task.result?.stdout).toBe('2\n');
  expect((await under.client.worker('worker-3')).statistics).toMatchObject({
    started: 1,
    givenBack: 1,
    lost: 0,
  });
});

test('a second signal ends a worker at once, and its task runs elsewhere', async () => {
  const worker = await under.stack.startWorker('worker-5', '--concurrency', '4', '--drain-timeout', '60');
  const fourth = under.stack.parts().find((part) => part.name === 'worker-4');
  if (fourth === undefined) throw new Error('worker-4 is gone');
  under.stack.expectEnd(fourth);
  await fourth.stop();

  const { id } = await under.client.submit({ code: 'setTimeout(() => {}, 2000)' });
  await under.client.until(
    'it runs',
    () => under.client.task(id),
    ({ status }) => status === 'running',
  );
  under.stack.expectEnd(worker);
  worker.signal('SIGTERM');
  await under.client.until(
    'it drains',
    () => under.client.worker('worker-5'),
    ({ status }) => status === 'draining',
  );
  worker.signal('SIGTERM');
  expect(await worker.exited).toEqual({ code: 1, signal: null });

  // The next process under the same id finds what this one left, without waiting for a heartbeat to expire.
  await under.stack.startWorker('worker-5');
  expect(await under.client.ended(id)).toMatchObject({
    status: 'completed',
    attempt: 2,
    workerId: 'worker-5',
  });
});
