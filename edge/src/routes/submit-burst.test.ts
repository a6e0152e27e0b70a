import { tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { useLogLines } from '../../test/log-lines.ts';
import { platformDatabase, platformType } from '../../test/platform.ts';
import { jsonBody, useEdge } from '../../test/use-edge.ts';

const edge = await useEdge({ database: platformDatabase, bindings: { TASK_TYPES: platformType } });
const log = useLogLines();

// The one test of its file, so that nothing in this isolate has spoken to BullMQ before.
it('accepts and enqueues a hundred submissions that meet a cold isolate and a Redis without scripts', async () => {
  await edge.redis().scriptFlush();
  const bodies = Array.from({ length: 100 }, (_, index) => jsonBody({ code: `${index}` }));
  const responses = await Promise.all(
    // As the platform calls it: each request has an I/O context of its own.
    bodies.map((body) => exports.default.fetch(new Request('http://localhost/tasks', body))),
  );
  expect(responses.map((response) => response.status)).toEqual(bodies.map(() => 202));

  const tasks = (await Promise.all(responses.map((response) => response.json()))) as { id: string }[];
  const ids = tasks.map((task) => task.id).toSorted();
  expect(new Set(ids).size).toBe(100);
  const rows = await edge
    .db()
    .selectFrom('tasks')
    .select('id')
    .where('status', '=', 'queued')
    .orderBy('id')
    .execute();
  expect(rows.map((row) => row.id)).toEqual(ids);

  const waiting = `runfleet:${tasksQueueName(platformType)}:wait`;
  await expect.poll(() => edge.redis().llen(waiting), { timeout: 10_000, interval: 20 }).toBe(100);
  const jobs = await edge.redis().lrange(waiting, 0, -1);
  expect(jobs.toSorted()).toEqual(ids.map((id) => `t-${id}-1`));
  expect(log.events('enqueue_failed')).toEqual([]);
});
