import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommand } from '../../test/run-command.ts';
import { takeCredentials } from './credentials.ts';

const directory = mkdtempSync(join(tmpdir(), 'runfleet-credentials-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'database-url'), 'postgres://u:p@from-credential/d\n');
writeFileSync(join(directory, 'gateway-token'), '');

test('fill in what the environment does not say', () => {
  const environment = { CREDENTIALS_DIRECTORY: directory };
  takeCredentials(environment);
  expect(environment).toEqual({
    CREDENTIALS_DIRECTORY: directory,
    DATABASE_URL: 'postgres://u:p@from-credential/d',
    RUNFLEET_GATEWAY_TOKEN: '',
  });
});

test('the environment comes first', () => {
  const environment = { CREDENTIALS_DIRECTORY: directory, DATABASE_URL: 'postgres://from-environment/d' };
  takeCredentials(environment);
  expect(environment.DATABASE_URL).toBe('postgres://from-environment/d');
});

test('an option comes before both, and an empty credential is no default', async () => {
  const closed = 'postgres://u:p@127.0.0.1:1/d';
  const environment = { CREDENTIALS_DIRECTORY: directory };
  const { stderr } = await runCommand(['keys', 'list', '--database-url', closed], environment);
  expect(stderr).toContain('127.0.0.1:1');
  const gateway = await runCommand(['gateway', '--port', '0'], environment);
  expect(gateway).toMatchObject({ exitCode: 1, stderr: 'runfleet: gateway: the token is empty\n' });
});
