import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { emptyDatabase } from '../../shared/test/database.ts';

const database = await emptyDatabase();
afterAll(() => database.drop());

const program = fileURLToPath(new URL('main.ts', import.meta.url));

async function run(words: string[], databaseUrl = database.url) {
  const child = spawn(process.execPath, [program, ...words], {
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, stdout, stderr };
}

test('--help says what it can do', async () => {
  const { exitCode, stdout } = await run(['--help']);
  expect(exitCode).toBe(0);
  for (const word of ['up', 'down', 'all-down', 'status', 'DATABASE_URL']) expect(stdout).toContain(word);
});

test.each([[['sideways']], [['up', 'twice']]])(
  '%j is refused with one line and exit code 2',
  async (words) => {
    const { exitCode, stdout, stderr } = await run(words);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^migrate: [^\n]+--help[^\n]+\n$/);
  },
);

test.each([
  ['up', 'postgres://somebody:hush@127.0.0.1:1/nowhere'],
  ['up', 'postgres://somebody:hush@localhost:1/nowhere'],
  ['status', 'postgres://somebody:hush@127.0.0.1:1/nowhere'],
])('%s: a database that is not there (%s) is one line and exit code 1', async (command, databaseUrl) => {
  const { exitCode, stderr } = await run([command], databaseUrl);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^migrate: [^\n]*ECONNREFUSED[^\n]*\n$/);
  expect(stderr).not.toContain('hush');
});

test('up, status, down and all-down say what they did', async () => {
  expect((await run(['status'])).stdout).toMatch(/^0001-api-keys {2}not applied$/m);
  expect((await run([])).stdout).toMatch(/^applied 0001-api-keys\napplied 0002-tasks\n/);
  expect(await run(['up'])).toEqual({ exitCode: 0, stdout: 'nothing to do\n', stderr: '' });
  expect((await run(['status'])).stdout).toMatch(/^0001-api-keys {2}\d{4}-\d\d-\d\dT/m);
  expect((await run(['down'])).stdout).toMatch(/^took back \d{4}-[a-z-]+\n$/);
  expect((await run(['all-down'])).stdout).toMatch(/took back 0001-api-keys\n$/);
});
