import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { useStack } from '../stack-under-test.ts';

const under = useStack({ workers: 1 });

/** Children of any attempt that have used more than a second of CPU. */
function busyChildren(): string[] {
  return execFileSync('ps', ['-A', '-o', 'cputimes=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('bootstrap.cjs') && Number.parseInt(line, 10) > 1);
}

test('1: curl submits a task, and reads what it printed', async () => {
  const { edgeUrl } = under.stack;
  const submitted = execFileSync(
    'sh',
    [
      '-c',
      `curl -s -X POST ${edgeUrl}/tasks -H "Content-Type: application/json" -d '{"code":"console.log(2+2)","prompt":"math test"}'`,
    ],
    { encoding: 'utf8' },
  );
  const { id } = JSON.parse(submitted) as { id: string };
  await under.client.ended(id);

  const task = JSON.parse(
    execFileSync('curl', ['-s', `${edgeUrl}/tasks/${id}`], { encoding: 'utf8' }),
  ) as unknown;
  expect(task).toMatchObject({
    id,
    status: 'completed',
    reason: 'ok',
    prompt: 'math test',
    workerId: 'worker-1',
    attempt: 1,
    result: { stdout: '4\n', stderr: '', exitCode: 0, signal: null, error: null },
  });

  const { rows } = await under.postgres.query(
    `select t.status, t.reason, convert_from(r.stdout, 'UTF8') as stdout, r.exit_code, a.worker_id, a.outcome
     from tasks t join results r on r.task_id = t.id join attempts a on a.task_id = t.id where t.id = $1`,
    [id],
  );
  expect(rows).toEqual([
    { status: 'completed', reason: 'ok', stdout: '4\n', exit_code: 0, worker_id: 'worker-1', outcome: 'ok' },
  ]);
});

test('3: an endless loop is ended at its timeout, and what it printed before is kept', async () => {
  const submittedAtMs = performance.now();
  const task = await under.client.run({
    code: 'console.log("before"); while(true){}',
    prompt: 'timeout test',
    timeout: 5,
  });
  // The issue's own bound, and a generous one: a second to start, end, and record.
  expect(performance.now() - submittedAtMs).toBeLessThan(6_500);
  expect(task).toMatchObject({
    status: 'failed',
    reason: 'timeout',
    result: { exitCode: null, error: null },
  });
  expect(task.result?.durationMs).toBeGreaterThanOrEqual(5_000);
  expect(task.result?.durationMs).toBeLessThan(6_000);
  expect(task.result?.stdout).toBe('before\n');
  // Inside its namespace the child has a pid of its own; from here it is the one that has burnt five seconds.
  expect(busyChildren()).toEqual([]);
});

test('4: code that does not parse is a syntax error with its place', async () => {
  const task = await under.client.run({ code: 'console.log(' });
  expect(task).toMatchObject({
    status: 'failed',
    reason: 'syntax_error',
    result: { error: { name: 'SyntaxError', line: 1, column: expect.any(Number) } },
  });
});

test('4: code that throws is an uncaught error with its name, message, stack and line', async () => {
  const task = await under.client.run({ code: 'throw new Error("test error")' });
  expect(task).toMatchObject({
    status: 'failed',
    reason: 'uncaught_error',
    result: {
      exitCode: 1,
      error: {
        name: 'Error',
        message: 'test error',
        line: 1,
        column: 7,
        stack: expect.stringContaining('main.js:1:7'),
      },
    },
  });
});

test('ES modules, CommonJS, top-level await and TypeScript run', async () => {
  const programs = {
    'import { basename } from "node:path"; console.log(basename("/a/b"))': 'b\n',
    'const { basename } = require("node:path"); console.log(basename("/a/b"))': 'b\n',
    'console.log(await Promise.resolve("awaited"))': 'awaited\n',
    'const n: number = 40; interface A { b: string } console.log(n + 2)': '42\n',
  };
  for (const [code, stdout] of Object.entries(programs)) {
    expect(await under.client.run({ code })).toMatchObject({ status: 'completed', result: { stdout } });
  }
});

test('input, limits and what the program produced', async () => {
  const task = await under.client.run({
    code: `
      import { readFileSync } from 'node:fs';
      const text = readFileSync('data/words.txt', 'utf8') + readFileSync(0, 'utf8');
      export default { words: text.split(' '), args: process.argv.slice(2), mode: process.env.MODE };`,
    stdin: ' from stdin',
    args: ['--fast'],
    env: { MODE: 'test' },
    files: [{ path: 'data/words.txt', content: 'words', encoding: 'utf8' }],
    limits: { memoryBytes: 128 * 1024 * 1024 },
  });
  expect(task.result).toMatchObject({
    value: { words: ['words', 'from', 'stdin'], args: ['--fast'], mode: 'test' },
    killedBy: null,
    limit: null,
    cpuMs: expect.any(Number),
    memoryPeakBytes: expect.any(Number),
    queueMs: expect.any(Number),
  });
});

test('a task that takes more memory than it may is ended for that', async () => {
  const task = await under.client.run({
    code: 'const kept = []; for (;;) kept.push(Buffer.alloc(1e7, 1));',
    limits: { memoryBytes: 64 * 1024 * 1024 },
  });
  expect(task).toMatchObject({
    status: 'failed',
    reason: 'memory_limit',
    result: { killedBy: 'limit', limit: 'memory' },
  });
});

test('the code sees nothing of the worker', async () => {
  const task = await under.client.run({ code: 'console.log(Object.keys(process.env).sort().join())' });
  expect(task.result?.stdout).not.toMatch(/DATABASE|REDIS|TOKEN/);
});
