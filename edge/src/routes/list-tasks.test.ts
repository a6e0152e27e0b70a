import type { Task } from '@runfleet/shared/model/task.ts';
import { describe, expect, it } from 'vitest';
import { expectProblem } from '../../test/expect-problem.ts';
import { countRequests } from '../../test/count-requests.ts';
import { useLogLines } from '../../test/log-lines.ts';
import { claim, record, seedTask, seedWorker } from '../../test/seed.ts';
import { useEdge } from '../../test/use-edge.ts';

const edge = await useEdge();
useLogLines();

interface Page {
  tasks: Task[];
  nextCursor: string | null;
}

async function list(query = ''): Promise<Page> {
  const response = await edge.fetch(`/tasks${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Page;
}
const idsOf = (page: Page) => page.tasks.map((task) => task.id);

// Seven tasks of ours, oldest first, and one of another tenant between them.
const [workerA, workerB] = [await seedWorker(edge), await seedWorker(edge)];
const ids: string[] = [];
for (let index = 0; index < 7; index++) {
  ids.push(await seedTask(edge, index === 3 ? { type: `${edge.type}-b` } : {}));
  if (index === 4) await seedTask(edge, { tenantId: 'somebody-else' });
}
const [t0, t1, t2, t3, t4, t5, t6] = ids as [string, string, string, string, string, string, string];
const deliveries = await claim(edge, workerA, [t0, t1]);
await claim(edge, workerB, [t2]);
await record(edge, workerA, deliveries[0]!);

describe('the list', () => {
  it('is newest first, of the tenant alone, without results', async () => {
    const page = await list();
    expect(page).toEqual({ tasks: expect.any(Array), nextCursor: null });
    expect(idsOf(page)).toEqual(ids.toReversed());
    for (const task of page.tasks) {
      expect(task).not.toHaveProperty('result');
      expect(task).not.toHaveProperty('code');
    }
  });

  it('comes in pages that a cursor joins without a gap and without a repetition', async () => {
    const pages: string[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await list(`?limit=3${cursor && `&cursor=${cursor}`}`);
      pages.push(idsOf(page));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual([[t6, t5, t4], [t3, t2, t1], [t0]]);
  });

  it('has no next page when this one ends with the last task', async () => {
    expect((await list('?limit=7')).nextCursor).toBeNull();
    expect((await list('?limit=6')).nextCursor).toBe(t1);
  });

  it('goes on where it was, whatever has been submitted since', async () => {
    const { nextCursor } = await list('?limit=2&status=queued');
    expect(nextCursor).toBe(t5);
    expect(idsOf(await list(`?limit=2&status=queued&cursor=${nextCursor}`))).toEqual([t4, t3]);
  });

  it.each([
    ['status=queued', [t6, t5, t4, t3]],
    ['status=running', [t2, t1]],
    ['status=completed', [t0]],
    ['status=failed', []],
    [`worker=${workerA.id}`, [t1, t0]],
    [`worker=${workerA.id}&status=running`, [t1]],
    ['worker=nobody', []],
    [`type=${edge.type}-b`, [t3]],
    [`type=${edge.type}-b&status=running`, []],
  ])('with %s has these only', async (query, expected) => {
    expect(idsOf(await list(`?${query}`))).toEqual(expected);
  });

  it('costs one request to Postgres', async () => {
    expect(await countRequests(edge, () => list('?limit=1'))).toEqual({ postgres: 1, redis: 0 });
  });
});

it.each([
  ['status=done', 'status'],
  ['status=', 'status'],
  ['worker=-x', 'worker'],
  ['worker=a%20b', 'worker'],
  ['type=python', 'type'],
  ['limit=0', 'limit'],
  ['limit=201', 'limit'],
  ['limit=1.5', 'limit'],
  ['limit=ten', 'limit'],
  ['limit=', 'limit'],
  ['cursor=1', 'cursor'],
  ['unknown=1', ''],
])('the query %s is refused, and the parameter named', async (query, path) => {
  const problem = await expectProblem(await edge.fetch(`/tasks?${query}`), 'invalid_query');
  expect(problem['errors']).toEqual([{ path, message: expect.any(String) }]);
});
