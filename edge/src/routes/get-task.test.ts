import { giveBackAttempts } from '@runfleet/shared/db/give-back-attempts.ts';
import { loseAttempts } from '@runfleet/shared/db/lose-attempts.ts';
import { attemptsShown, valueDepthLimit, valueLimitBytes } from '@runfleet/shared/model/limits.ts';
import type { EndedOutcome } from '@runfleet/shared/model/outcome.ts';
import type { TaskWithResult } from '@runfleet/shared/model/task.ts';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { expectProblem } from '../../test/expect-problem.ts';
import { useLogLines } from '../../test/log-lines.ts';
import { captured } from '../../../shared/test/outcomes.ts';
import { claim, record, seedTask, seedWorker } from '../../test/seed.ts';
import { useEdge } from '../../test/use-edge.ts';

const edge = await useEdge();
useLogLines();
const worker = await seedWorker(edge);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

async function get(id: string): Promise<TaskWithResult> {
  const response = await edge.fetch(`/tasks/${id}`);
  expect(response.status).toBe(200);
  return (await response.json()) as TaskWithResult;
}

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** A task that a worker ran to this end. */
async function end(outcome: Partial<EndedOutcome>): Promise<TaskWithResult> {
  const id = await seedTask(edge);
  const [delivery] = await claim(edge, worker, [id]);
  expect(delivery && (await record(edge, worker, delivery, outcome))).toBe(true);
  return get(id);
}

describe('a task that is', () => {
  it('queued has no worker, no times but its own, and no result', async () => {
    expect(await get(await seedTask(edge))).toMatchObject({
      status: 'queued',
      reason: null,
      attempt: 1,
      workerId: null,
      createdAt: time,
      startedAt: null,
      endedAt: null,
      result: null,
    });
  });

  it('running says since when, and on which worker', async () => {
    const id = await seedTask(edge);
    await claim(edge, worker, [id]);
    expect(await get(id)).toMatchObject({
      status: 'running',
      reason: null,
      workerId: worker.id,
      startedAt: time,
      endedAt: null,
      result: null,
    });
  });

  it('running shows its attempts, with what became of those before', async () => {
    const id = await seedTask(edge);
    await claim(edge, worker, [id]);
    await loseAttempts(edge.db(), { kind: 'attempt', taskId: id, attempt: 1 }, { crash: true, limit: 1 });
    await claim(edge, worker, [id], { attempt: 2 });
    await claim(edge, worker, [id], { attempt: 2, delivery: 2 });
    const of = (attempt: number) => ({ attempt, workerId: worker.id, startedAt: time });
    expect((await get(id)).attempts).toEqual([
      { ...of(1), endedAt: time, outcome: 'lost' },
      { ...of(2), endedAt: time, outcome: 'lost' },
      { ...of(2), endedAt: null, outcome: null },
    ]);
  });

  it('handed out very often shows its latest attempts', async () => {
    const id = await seedTask(edge);
    await sql`
      insert into attempts (task_id, attempt, delivery, worker_id, ended_at, outcome)
      select ${id}::uuid, n, 1, 'w', now(), 'given_back' from generate_series(1, 1000) n`.execute(edge.db());
    const { attempts } = await get(id);
    expect(attempts.map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: attemptsShown }, (_, index) => 1000 - attemptsShown + 1 + index),
    );
  });

  it('completed has its result', async () => {
    expect(await end({})).toMatchObject({
      status: 'completed',
      reason: 'ok',
      workerId: worker.id,
      startedAt: time,
      endedAt: time,
      result: {
        stdout: '4\n',
        stderr: '',
        exitCode: 0,
        signal: null,
        killedBy: null,
        limit: null,
        durationMs: 12.5,
        cpuMs: 8.25,
        memoryPeakBytes: 40_000_000,
        queueMs: expect.any(Number),
        timings: { prepareMs: 1.5, runMs: 12.5, collectMs: 0.5 },
        stdoutBytes: 2,
        stderrBytes: 0,
        stdoutTruncated: false,
        stderrTruncated: false,
        stdoutDroppedBytes: 0,
        stderrDroppedBytes: 0,
        error: null,
        value: null,
        valueNote: null,
        isolation: { level: 'process', parts: { memory: 'heap' } },
      },
    });
  });

  it('failed has its result too, and the error that its code threw', async () => {
    const error = {
      name: 'Error',
      message: 'test "error"\n🎉',
      stack: 'Error: …\n  at x',
      line: 3,
      column: 7,
      cause: { name: 'TypeError', message: 'why', stack: null, line: null, column: null, cause: null },
    };
    expect(await end({ reason: 'uncaught_error', exitCode: 1, error })).toMatchObject({
      status: 'failed',
      reason: 'uncaught_error',
      result: { exitCode: 1, signal: null, error },
    });
    expect(await end({ reason: 'timeout', exitCode: null, signal: 'SIGKILL' })).toMatchObject({
      status: 'failed',
      reason: 'timeout',
      result: { exitCode: null, signal: 'SIGKILL', error: null },
    });
  });

  it('queued again after its worker was lost shows its new attempt', async () => {
    const id = await seedTask(edge);
    await claim(edge, worker, [id]);
    await loseAttempts(edge.db(), { kind: 'attempt', taskId: id, attempt: 1 }, { crash: true, limit: 1 });
    expect(await get(id)).toMatchObject({ status: 'queued', attempt: 2, workerId: null, startedAt: null });
  });

  it('failed without an outcome has no result', async () => {
    const id = await seedTask(edge, { maxAttempts: 1 });
    await claim(edge, worker, [id]);
    await loseAttempts(edge.db(), { kind: 'attempt', taskId: id, attempt: 1 }, { crash: true, limit: 1 });
    expect(await get(id)).toMatchObject({
      status: 'failed',
      reason: 'worker_lost',
      attempt: 1,
      workerId: worker.id,
      endedAt: time,
      result: null,
    });
  });

  it.each(['cancelled', 'expired'] as const)('%s has no result', async (status) => {
    const id = await seedTask(edge);
    await sql`
      update tasks set status = ${status}::task_status, reason = ${status}::end_reason, ended_at = now(), dispatch_due = null
      where id = ${id}`.execute(edge.db());
    expect(await get(id)).toMatchObject({ status, reason: status, endedAt: time, result: null });
  });
});

describe('a result', () => {
  it('has the output as it was printed: U+0000, a byte order mark, emoji, control characters', async () => {
    const text = '\uFEFFa\0b\u001b[31m🎉\r\n\uFFFD日本語\u2028';
    const { result } = await end({ stdout: captured(text), stderr: captured(`${text}!`) });
    expect(result?.stdout).toBe(text);
    expect(result?.stderr).toBe(`${text}!`);
  });

  it('says what was left out of each stream', async () => {
    const { result } = await end({ stdout: captured('head\ntail', 2 ** 40), stderr: captured('all') });
    expect(result).toMatchObject({
      stdoutTruncated: true,
      stdoutBytes: 2 ** 40 + 9,
      stdoutDroppedBytes: 2 ** 40,
      stderrTruncated: false,
      stderrBytes: 3,
      stderrDroppedBytes: 0,
    });
  });

  it('says who ended it, and the limit that it met', async () => {
    const { result } = await end({
      reason: 'memory_limit',
      killedBy: 'kernel',
      limit: 'memory',
      cpuMs: null,
      memoryPeakBytes: 2 ** 40,
    });
    expect(result).toMatchObject({
      killedBy: 'kernel',
      limit: 'memory',
      cpuMs: null,
      memoryPeakBytes: 2 ** 40,
    });
  });

  it.each([
    ['{"given_back":[1,{"camelCase":null}],"b":"\\u0000\\ud800🎉","a":true}'],
    ['"text"'],
    ['0'],
    ['false'],
    ['[]'],
    ['null'],
  ])('has the value %s as the program produced it', async (json) => {
    const { result } = await end({ value: { json } });
    expect(JSON.stringify(result?.value)).toBe(json);
    expect(result?.valueNote).toBeNull();
  });

  it('carries the largest and the deepest value that is kept', async () => {
    for (const value of ['x'.repeat(valueLimitBytes - 2), JSON.parse(nested(valueDepthLimit)) as unknown]) {
      const { result } = await end({ value: { json: JSON.stringify(value) } });
      expect(JSON.stringify(result?.value) === JSON.stringify(value)).toBe(true);
    }
  });

  it('says why there is no value', async () => {
    expect((await end({ value: { note: 'A function has no JSON.' } })).result).toMatchObject({
      value: null,
      valueNote: 'A function has no JSON.',
    });
  });

  it('says how long its attempt had waited, from when it was queued again', async () => {
    const id = await seedTask(edge);
    const [first] = await claim(edge, worker, [id]);
    await giveBackAttempts(edge.db(), [{ ...first!, workerId: worker.id, durationMs: 5 }]);
    await sql`update tasks set created_at = created_at - interval '1 hour', queued_at = now() - interval '90 s'
      where id = ${id}`.execute(edge.db());
    const [second] = await claim(edge, worker, [id], { attempt: 2 });
    await record(edge, worker, second!);
    const { result, startedAt } = await get(id);
    const { rows } = await sql<{ queuedAt: Date }>`select queued_at from tasks where id = ${id}`.execute(
      edge.db(),
    );
    const waitedMs = Date.parse(startedAt!) - rows[0]!.queuedAt.getTime();
    // Dates have whole milliseconds, the figure has parts of them.
    expect(Math.abs(result!.queueMs! - waitedMs)).toBeLessThanOrEqual(1);
    expect(waitedMs).toBeGreaterThanOrEqual(90_000);
  });

  it('of an older version says null for what was not kept', async () => {
    const { id } = await end({ reason: 'uncaught_error' });
    const error = { name: 'Error', message: 'm', stack: null, line: 1, column: 1 };
    await sql`
      update results set cpu_ms = null, memory_peak_bytes = null, prepare_ms = null, run_ms = null, collect_ms = null,
        isolation = null, error = ${JSON.stringify(error)}
      where task_id = ${id}`.execute(edge.db());
    expect((await get(id)).result).toMatchObject({
      cpuMs: null,
      memoryPeakBytes: null,
      timings: null,
      isolation: null,
      error: { ...error, cause: null },
    });
  });

  it('carries two full streams', async () => {
    const full = 'é'.repeat(512 * 1024);
    const { result } = await end({ stdout: captured(full), stderr: captured(full) });
    expect(result?.stdout === full && result.stderr === full).toBe(true);
  });
});

describe('a task that the tenant has not', () => {
  it("is not found, be it nobody's, or another tenant's", async () => {
    const other = await seedTask(edge, { tenantId: 'somebody-else' });
    const answers = await Promise.all(
      [other, crypto.randomUUID()].map(async (id) => {
        const { requestId: _, ...problem } = await expectProblem(
          await edge.fetch(`/tasks/${id}`),
          'task_not_found',
        );
        return problem;
      }),
    );
    // Nothing tells that the first one exists.
    expect(answers[0]).toEqual(answers[1]);
  });
});

it.each([
  ['1'],
  ['x'],
  ['0199c2a0-0000-7000-8000-00000000000'],
  ['0199c2a0-0000-7000-8000-0000000000000'],
  ['0199c2a0-0000-7000-8000-00000000000g'],
  ['{0199c2a0-0000-7000-8000-000000000000}'],
  ["0199c2a0-0000-7000-8000-000000000000'--"],
  ['%00'],
  ['%F0%9F%8E%89'],
  ['%'],
])('%s is not an id', async (id) => {
  await expectProblem(await edge.fetch(`/tasks/${id}`), 'invalid_task_id');
});
