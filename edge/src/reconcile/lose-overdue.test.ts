import { expect, it } from 'vitest';
import { beat, claim, record, seedTask, seedWorker, type SeededTask } from '../../test/seed.ts';
import { reconcileOnce, setBack, startAfresh } from '../../test/start-afresh.ts';
import { useEdge } from '../../test/use-edge.ts';

const edge = await useEdge({ redis: 'lose-overdue' });
startAfresh(edge);

/** A task that a worker, which still beats, should have reported some time ago. */
async function seedOverdue(seconds: number, task: SeededTask = {}) {
  const worker = await seedWorker(edge);
  await beat(edge, worker);
  const id = await seedTask(edge, task);
  await claim(edge, worker, [id]);
  await setBack(edge, 'tasks', 'deadline_at', id, seconds);
  return { worker, id };
}

const readTask = (id: string) =>
  edge.db().selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

it('gives an attempt that is past its deadline up, though its worker is alive; that is no crash', async () => {
  const { id, worker } = await seedOverdue(1);
  expect(await reconcileOnce(edge)).toMatchObject({ workersLost: [], retried: 1, dispatched: 1, errors: [] });
  expect(await readTask(id)).toMatchObject({ status: 'queued', attempt: 2, losses: 1, crashes: 0 });
  expect(await record(edge, worker, { taskId: id, attempt: 1, delivery: 1 })).toBe(false);
});

it('leaves one that is within its deadline', async () => {
  const { id } = await seedOverdue(-60);
  expect(await reconcileOnce(edge)).toMatchObject({ retried: 0, failed: [] });
  expect(await readTask(id)).toMatchObject({ status: 'running' });
});

it('ends the task that had only this attempt', async () => {
  const { id } = await seedOverdue(1, { maxAttempts: 1 });
  expect((await reconcileOnce(edge)).failed).toEqual([{ taskId: id, reason: 'worker_lost' }]);
});

it.each(['wait', 'active'])('is patient while outcomes wait for a recorder (%s)', async (list) => {
  const late = await seedOverdue(590);
  const hopeless = await seedOverdue(610);
  await edge.redis().rpush(`runfleet:results:${list}`, 'r-some-other-outcome');
  expect(await reconcileOnce(edge)).toMatchObject({ resultsBacklog: 1, retried: 1 });
  expect(await readTask(late.id)).toMatchObject({ status: 'running' });
  expect(await readTask(hopeless.id)).toMatchObject({ status: 'queued', attempt: 2 });

  await edge.redis().del(`runfleet:results:${list}`);
  expect(await reconcileOnce(edge)).toMatchObject({ resultsBacklog: 0, retried: 1 });
  expect(await readTask(late.id)).toMatchObject({ status: 'queued', attempt: 2 });
});
