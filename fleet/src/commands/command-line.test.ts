import { describe, expect, test } from 'vitest';
import { runCommand } from '../../test/run-command.ts';
import { version } from '../version.ts';

describe('--help', () => {
  test.each([
    [[], ['worker', 'recorder', 'gateway', 'keys', 'doctor', 'install', 'uninstall']],
    [['worker'], ['--id', '--type', '--concurrency', '--drain-timeout', 'RUNFLEET_WORKER_ID', 'SIGTERM']],
    [['recorder'], ['--batch-size', '--redis-url', '--database-url', 'REDIS_URL', 'DATABASE_URL']],
    [['gateway'], ['--host', '--port', '--token', 'RUNFLEET_GATEWAY_TOKEN', '127.0.0.1']],
    [['keys'], ['create', 'list', 'revoke']],
    [
      ['keys', 'create'],
      ['--tenant', '--name'],
    ],
    [['keys', 'list'], ['--json']],
    [['install'], ['--prefix', '--sysconfdir', '--dry-run', '--files-only']],
    [['uninstall'], ['--prefix', '--dry-run', '--purge']],
    [['doctor'], ['--redis-url', '--database-url', '--isolation', '--json', 'exit code']],
    [['keys', 'revoke'], ['<id>']],
  ])('of %j says what it takes', async (words, mentioned) => {
    const { exitCode, stdout, stderr } = await runCommand([...words, '--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const word of mentioned) expect(stdout).toContain(word);
  });

  test('shows no value of the environment', async () => {
    const { stdout } = await runCommand(['gateway', '--help'], {
      RUNFLEET_GATEWAY_TOKEN: 'hush',
      DATABASE_URL: 'postgres://u:hush@h/d',
      REDIS_URL: 'redis://:hush@h',
    });
    expect(stdout).not.toContain('hush');
  });
});

test('--version is the version of the package', async () => {
  expect(await runCommand(['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
});

describe('what is wrong is refused with a clear line and a non-zero exit code:', () => {
  test.each([
    ['no id', ['worker'], /required option '--id <id>'/],
    ['an id that cannot be one', ['worker', '--id', 'a b'], /'--id <id>'.*letters, digits/],
    ['an id that leads elsewhere', ['worker', '--id', '../a'], /'--id <id>'/],
    ['a type that cannot be one', ['worker', '--id', 'a', '--type', 'Java Script'], /'--type <type>'/],
    ['no concurrency', ['worker', '--id', 'a', '--concurrency', '0'], /whole number from 1 to 1000/],
    ['half a concurrency', ['worker', '--id', 'a', '--concurrency', '1.5'], /whole number/],
    ['an empty concurrency', ['worker', '--id', 'a', '--concurrency', ''], /whole number/],
    [
      'a drain that takes a day',
      ['worker', '--id', 'a', '--drain-timeout', '86400'],
      /seconds from 0 to 3600/,
    ],
    ['too large an output', ['worker', '--id', 'a', '--output-limit', '1e9'], /whole number/],
    ['a batch of none', ['recorder', '--batch-size', '0'], /whole number/],
    ['a level that is none', ['recorder', '--log-level', 'loud'], /Allowed choices/],
    ['a port beyond the last', ['gateway', '--port', '65536'], /whole number from 0 to 65535/],
    ['an option that is none', ['recorder', '--frobnicate'], /unknown option/],
    ['a word too many', ['recorder', 'now'], /too many arguments/],
    ['a command that is none', ['frobnicate'], /unknown command/],
    ['no installation', ['uninstall', '--prefix', '/nonexistent'], /nothing is installed in \/nonexistent/],
    ['an id that is no key', ['keys', 'revoke', 'rf_0123'], /16 hexadecimal digits/],
    ['a key without a tenant', ['keys', 'create', '--name', 'n'], /required option '--tenant/],
    ['a key with a line feed', ['keys', 'create', '--tenant', 't', '--name', 'a\nb'], /printable/],
  ])('%s', async (_what, words, complaint) => {
    const { exitCode, stdout, stderr } = await runCommand(words);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(complaint);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test('no command at all', async () => {
    const { exitCode, stderr } = await runCommand([]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('Usage: runfleet');
  });
});

describe('no refusal repeats a secret:', () => {
  const closed = '127.0.0.1:1';
  test.each([
    ['a URL of the wrong kind', ['recorder', '--redis-url', 'http://:hush@h'], {}],
    ['a URL that is none', ['recorder', '--database-url', 'hush'], {}],
    ['a URL of the wrong kind in the environment', ['recorder'], { DATABASE_URL: 'mysql://u:hush@h/d' }],
    ['a URL that is none in the environment', ['keys', 'list'], { DATABASE_URL: 'hush' }],
    ['a Postgres that is not there', ['keys', 'list'], { DATABASE_URL: `postgres://u:hush@${closed}/d` }],
    [
      'a Postgres that is not there, for a recorder',
      ['recorder', '--log-level', 'trace'],
      {
        DATABASE_URL: `postgres://u:hush@${closed}/d`,
        REDIS_URL: `redis://:hush@${closed}`,
      },
    ],
  ])('%s', async (_what, words, environment) => {
    const { exitCode, stdout, stderr } = await runCommand(words, environment);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^runfleet: [^\n]+\n$/);
    expect(stdout + stderr).not.toContain('hush');
  });
});
