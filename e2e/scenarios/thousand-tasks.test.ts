import { expect, test } from 'vitest';
import type { TaskWithResult } from '@runfleet/shared/model/task.ts';
import { useStack } from '../stack-under-test.ts';

const under = useStack({ workers: 3 });

/** Kinds of code, and what each must come to; `n` tells one task from another. */
const kinds: ((n: number) => { code: string; expected: object })[] = [
  (n) => ({ code: `console.log(${n})`, expected: { status: 'completed', result: { stdout: `${n}\n` } } }),
  (n) => ({
    code: `import { setTimeout } from 'node:timers/promises'; await setTimeout(20); console.log(${n})`,
    expected: { status: 'completed', result: { stdout: `${n}\n` } },
  }),
  (n) => ({ code: `const n: number = ${n}; console.error(n)`, expected: { result: { stderr: `${n}\n` } } }),
  (n) => ({
    code: `throw new RangeError('${n}')`,
    expected: { reason: 'uncaught_error', result: { error: { name: 'RangeError', message: `${n}` } } },
  }),
  (n) => ({
    code: `process.exit(${1 + (n % 100)})`,
    expected: { reason: 'exit_code', result: { exitCode: 1 + (n % 100) } },
  }),
  (n) => ({ code: `let ${n} = 1`, expected: { reason: 'syntax_error' } }),
  (n) => ({
    code: `console.log(${n}); process.kill(process.pid, 'SIGKILL')`,
    expected: { reason: 'signal', result: { signal: 'SIGKILL', stdout: `${n}\n` } },
  }),
  (n) => ({
    code: `process.stdout.write('${n}'.padEnd(100_000, 'x'))`,
    expected: { status: 'completed', result: { stdoutBytes: 100_000, stdoutTruncated: false } },
  }),
];

test('8: a thousand tasks of mixed kinds from 20 clients: none lost, none recorded twice', async () => {
  const expected = new Map<string, object>();
  let next = 0;
  async function client(): Promise<void> {
    while (next < 1_000) {
      const n = next++;
      const kind = kinds[n % kinds.length];
      if (kind === undefined) throw new Error('no kind');
      const task = kind(n);
      expected.set((await under.client.submit({ code: task.code })).id, task.expected);
    }
  }
  await Promise.all(Array.from({ length: 20 }, client));
  expect(expected.size, 'ids').toBe(1_000);

  await under.client.until(
    'all have ended',
    async () =>
      (
        await under.postgres.query(
          `select count(*)::int as n from tasks where status in ('queued', 'running')`,
        )
      ).rows,
    ([row]) => row.n === 0,
    240_000,
  );
  const ids = [...expected.keys()];
  while (ids.length > 0) {
    const tasks = await Promise.all(ids.splice(0, 20).map((id) => under.client.task(id)));
    for (const task of tasks) {
      expect(task satisfies TaskWithResult).toMatchObject({ attempt: 1, ...expected.get(task.id) });
    }
  }

  const { rows } = await under.postgres.query(`
    select (select count(*)::int from tasks) as tasks,
      (select count(*)::int from results) as results,
      (select count(*)::int from attempts where outcome is not null) as attempts,
      (select sum(count)::int from worker_outcomes) as outcomes,
      (select sum(claimed)::int from workers) as claimed`);
  expect(rows).toEqual([{ tasks: 1_000, results: 1_000, attempts: 1_000, outcomes: 1_000, claimed: 1_000 }]);
  const workers = await under.client.workers();
  expect(workers.reduce((sum, { statistics }) => sum + statistics.started, 0)).toBe(1_000);
}, 300_000);
