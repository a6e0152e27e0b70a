import { tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { useLogLines } from '../../test/log-lines.ts';
import { beat, seedTask, seedWorker, type SeededWorker } from '../../test/seed.ts';
import { reconcileOnce, seedManyDue, setBack, startAfresh } from '../../test/start-afresh.ts';
import { useEdge } from '../../test/use-edge.ts';
import { openRedis } from '../open-redis.ts';
import { reconcile } from './reconcile.ts';

const edge = await useEdge({ redis: 'reconcile' });
const log = useLogLines();
startAfresh(edge);

const waiting = () => edge.redis().lrange(`runfleet:${tasksQueueName(edge.type)}:wait`, 0, -1);

/** Workers that are gone without a trace, each with this many running tasks, and one more that is alive. */
async function seedGoneWorkers(workers: number, tasksEach: number): Promise<SeededWorker[]> {
  const gone = await Promise.all(Array.from({ length: workers }, () => seedWorker(edge)));
  for (const { id } of gone) {
    await setBack(edge, 'workers', 'registered_at', id, 60);
    await sql`
      with task as (
        insert into tasks (id, tenant_id, type, code, timeout_ms, max_attempts, status, delivery, worker_id, started_at, deadline_at)
        select gen_random_uuid(), 'local', ${edge.type}, '1', 1000, 3, 'running', 1, ${id}, now(), now() + interval '1 h'
        from generate_series(1, ${tasksEach}::int)
        returning id
      )
      insert into attempts (task_id, attempt, delivery, worker_id) select id, 1, 1, ${id} from task`.execute(
      edge.db(),
    );
  }
  const alive = await Promise.all(Array.from({ length: workers }, () => seedWorker(edge)));
  await Promise.all(alive.map((worker) => beat(edge, worker)));
  return gone;
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

describe('six at once', () => {
  it('share the tasks of lost workers: each gets one new attempt, and one job', async () => {
    const gone = await seedGoneWorkers(3, 100);
    const summaries = await Promise.all(Array.from({ length: 6 }, () => reconcileOnce(edge)));
    expect(summaries.flatMap(({ errors }) => errors)).toEqual([]);
    // Rows that one run held are another's to skip; what nobody took is the next run's.
    summaries.push(await reconcileOnce(edge));

    expect(sum(summaries.map(({ retried }) => retried))).toBe(300);
    const rows = await edge
      .db()
      .selectFrom('tasks')
      .select(['id', 'status', 'attempt', 'losses', 'crashes'])
      .execute();
    expect(rows).toHaveLength(300);
    expect(
      rows.filter(
        (row) => row.status === 'queued' && row.attempt === 2 && row.losses === 1 && row.crashes === 1,
      ),
    ).toHaveLength(300);
    const totals = await edge.db().selectFrom('workerOutcomes').selectAll().orderBy('workerId').execute();
    expect(totals.map(({ workerId, outcome, count }) => [workerId, outcome, Number(count)])).toEqual(
      gone
        .map(({ id }) => id)
        .toSorted()
        .map((id) => [id, 'lost', 100]),
    );
    expect(sum(summaries.map(({ dispatched }) => dispatched))).toBe(300);
    expect((await waiting()).toSorted()).toEqual(rows.map(({ id }) => `t-${id}-2`).toSorted());
  });

  it('dispatch each task that is due once', async () => {
    await seedManyDue(edge, 300);
    const summaries = await Promise.all(Array.from({ length: 6 }, () => reconcileOnce(edge)));
    summaries.push(await reconcileOnce(edge));
    expect(summaries.flatMap(({ errors }) => errors)).toEqual([]);
    expect(sum(summaries.map(({ dispatched }) => dispatched))).toBe(300);
    expect(await waiting()).toHaveLength(300);
  });

  it('that find a wiped Redis dispatch everything that was queued', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => seedTask(edge)));
    await edge.redis().flushdb();
    const summaries = await Promise.all(Array.from({ length: 6 }, () => reconcileOnce(edge)));
    summaries.push(await reconcileOnce(edge));
    expect(summaries.flatMap(({ errors }) => errors)).toEqual([]);
    expect((await waiting()).toSorted()).toEqual(ids.map((id) => `t-${id}-1`).toSorted());
  });
});

it('does a thousand of each a run, and the next one the rest', async () => {
  await seedGoneWorkers(1, 1_020);
  expect(await reconcileOnce(edge)).toMatchObject({ retried: 1_000, dispatched: 1_000, errors: [] });
  expect(await reconcileOnce(edge)).toMatchObject({ retried: 20, dispatched: 20, errors: [] });
  expect(await waiting()).toHaveLength(1_020);
});

describe('without Redis', () => {
  it('only retention runs, nobody is lost, and the summary says why', async () => {
    const [gone] = await seedGoneWorkers(1, 1);
    const id = await seedTask(edge);
    await sql`
      update tasks set status = 'cancelled', reason = 'cancelled', dispatch_due = null, ended_at = now() - interval '30 days'
      where id = ${id}`.execute(edge.db());
    await seedManyDue(edge, 1);

    const down = openRedis({ ...edge.settings, redisUrl: 'http://127.0.0.1:1' });
    const summary = await reconcile(edge.db(), down, edge.settings);
    expect(summary).toMatchObject({
      workersLost: [],
      workersSuspected: [],
      retried: 0,
      dispatched: 0,
      tasksRemoved: 1,
      errors: [{ rule: 'look-at-redis', error: { message: expect.any(String) } }],
    });
    expect(summary.errors).toHaveLength(1);
    expect(
      await edge.db().selectFrom('workers').select('status').where('id', '=', gone!.id).execute(),
    ).toEqual([{ status: 'live' }]);
    expect(await reconcileOnce(edge)).toMatchObject({ workersLost: [gone!.id], retried: 1, dispatched: 2 });
  });
});

describe('the cron', () => {
  it('writes exactly one line: what it found and did', async () => {
    await seedManyDue(edge, 2);
    await edge.tick();
    expect(log.events()).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        part: 'edge',
        event: 'reconciled',
        durationMs: expect.any(Number),
        expired: 0,
        redisWasNew: false,
        resultsBacklog: 0,
        workersLost: [],
        workersSuspected: [],
        retried: 0,
        failed: [],
        dispatched: 2,
        tasksRemoved: 0,
        keysRemoved: 0,
        workersRemoved: 0,
        errors: [],
      },
    ]);
  });

  it('writes it as an error when a rule could not be carried out, without a secret', async () => {
    await edge.tick({ UPSTASH_REDIS_REST_TOKEN: 'a-wrong-token' });
    expect(log.events()).toMatchObject([
      { level: 'error', event: 'reconciled', errors: [{ rule: 'look-at-redis' }] },
    ]);
    expect(log.text()).not.toContain('a-wrong-token');
    expect(log.text()).not.toContain('command was');
  });

  it('says of every rule why it failed when Postgres is down', async () => {
    await edge.tick({ SQL_ENDPOINT: 'http://127.0.0.1:1/sql' });
    const [line] = log.events();
    expect(line).toMatchObject({
      level: 'error',
      errors: [{ rule: 'expire-queued' }, { rule: 'look-at-workers' }, { rule: 'remove-expired' }],
    });
  });

  it('fails, and says why, when its bindings are wrong', async () => {
    await expect(edge.tick({ DATABASE_URL: 'hunter2' })).rejects.toThrow(
      'missing or invalid bindings: DATABASE_URL',
    );
    expect(log.events()).toMatchObject([{ level: 'error', event: 'reconcile_failed' }]);
    expect(log.text()).not.toContain('hunter2');
  });
});
