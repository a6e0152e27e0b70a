import { expect, it } from 'vitest';
import { expectProblem } from '../../test/expect-problem.ts';
import { useLogLines } from '../../test/log-lines.ts';
import { useEdge } from '../../test/use-edge.ts';

const edge = await useEdge();
useLogLines();

it.each([
  ['PUT', '/tasks', 'GET, POST'],
  ['PATCH', '/tasks', 'GET, POST'],
  ['OPTIONS', '/tasks', 'GET, POST'],
  ['POST', '/tasks/0199c2a0-0000-7000-8000-000000000000', 'GET'],
  ['DELETE', '/tasks/0199c2a0-0000-7000-8000-000000000000', 'GET'],
  ['POST', '/workers', 'GET'],
  ['DELETE', '/workers/worker-1', 'GET'],
  ['POST', '/health', 'GET'],
  ['POST', '/ready', 'GET'],
])('%s %s is refused with the methods that there are', async (method, path, allow) => {
  const response = await edge.fetch(path, { method });
  expect(response.headers.get('allow')).toBe(allow);
  await expectProblem(response, 'method_not_allowed');
});

it('answers HEAD as GET, without a body', async () => {
  const response = await edge.fetch('/tasks', { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
});

it.each(['/', '/task', '/tasks/a/b', '/workers/a/b', '/TASKS', '/health/x', '/%00', '/tasks%2F1'])(
  'there is nothing at %s',
  async (path) => {
    await expectProblem(await edge.fetch(path), 'not_found');
  },
);
