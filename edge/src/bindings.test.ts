import { expect, it } from 'vitest';
import { expectProblem } from '../test/expect-problem.ts';
import { useLogLines } from '../test/log-lines.ts';
import { useEdge } from '../test/use-edge.ts';
import worker from './index.ts';

const edge = await useEdge();
const log = useLogLines();

it.each([
  ['AUTH_MODE', undefined],
  ['AUTH_MODE', 'none-of-your-business'],
  ['DATABASE_URL', undefined],
  ['DATABASE_URL', 'mysql://user:hunter2@host/db'],
  ['DATABASE_URL', 'hunter2'],
  ['SQL_ENDPOINT', 'ftp://hunter2'],
  ['UPSTASH_REDIS_REST_URL', undefined],
  ['UPSTASH_REDIS_REST_URL', 'redis://:hunter2@host'],
  ['UPSTASH_REDIS_REST_TOKEN', undefined],
  ['UPSTASH_REDIS_REST_TOKEN', ''],
  ['TASK_TYPES', ''],
  ['TASK_TYPES', 'javascript,'],
  ['TASK_TYPES', 'Hunter2'],
  ['DEFAULT_TIMEOUT_SECONDS', 'hunter2'],
  ['MAX_TIMEOUT_SECONDS', '0'],
  ['MAX_UNFINISHED_PER_TENANT', '0'],
  ['MAX_UNFINISHED', '1.5'],
  ['RETENTION_DAYS', '-1'],
  ['RETENTION_DAYS', '0.9'],
  ['WORKER_RETENTION_DAYS', 'hunter2'],
  ['TIMINGS', '{"heartbeatSeconds":0}'],
  ['TIMINGS', 'hunter2'],
])('without a good %s (%s) nothing is served; the log names it and holds no value', async (name, value) => {
  await expectProblem(await edge.fetch('/tasks', {}, { [name]: value }), 'misconfigured');
  expect(log.events('misconfigured')).toMatchObject([
    { error: { message: `missing or invalid bindings: ${name}` } },
  ]);
  expect(log.text()).not.toMatch(/hunter2|none-of-your-business/i);
});

it('names every binding that is missing, at once', async () => {
  const response = await worker.fetch(new Request('http://localhost/ready'), {});
  await expectProblem(response, 'misconfigured');
  const names = 'AUTH_MODE, DATABASE_URL, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN';
  expect(log.events('misconfigured')).toMatchObject([{ error: { message: expect.stringContaining(names) } }]);
});

it('takes the limits of submissions from the bindings', async () => {
  const bindings = { MAX_TIMEOUT_SECONDS: '5', TASK_TYPES: ' wasm , python ' };
  const post = (task: object) =>
    edge.fetch(
      '/tasks',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(task) },
      // Nothing of this is enqueued: other types, so other queues.
      { ...bindings, UPSTASH_REDIS_REST_TOKEN: 'no' },
    );
  const accepted = await post({ code: '1' });
  // The default timeout is longer than the longest that there may be, and yields.
  expect(await accepted.json()).toMatchObject({ type: 'wasm', timeout: 5 });
  expect(await (await post({ code: '1', type: 'python' })).json()).toMatchObject({ type: 'python' });
  await expectProblem(await post({ code: '1', timeout: 5.1 }), 'invalid_task');
  await expectProblem(await post({ code: '1', type: edge.type }), 'invalid_task');
  await edge.settled();
});
