import { findApiKey } from '@runfleet/shared/db/find-api-key.ts';
import { hashSecret, parseApiKey } from '@runfleet/shared/model/api-key.ts';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase, emptyDatabase } from '../../../shared/test/database.ts';
import { runCommand } from '../../test/run-command.ts';

const database = await cloneDatabase();
afterAll(() => database.drop());

const keys = (...words: string[]) => runCommand(['keys', ...words], { DATABASE_URL: database.url });

async function createKey(tenant: string, name: string) {
  const { exitCode, stdout } = await keys('create', '--tenant', tenant, '--name', name);
  expect(exitCode).toBe(0);
  const parts = parseApiKey(stdout.trimEnd());
  if (parts === null) throw new Error(`not a key: ${stdout}`);
  return parts;
}

test('a key that is made authenticates its tenant, until it is revoked', async () => {
  const { id, secret } = await createKey('acme', 'ci');
  const row = await findApiKey(database.db, id);
  expect(row?.tenantId).toBe('acme');
  expect(Buffer.from(row!.secretHash)).toEqual(Buffer.from(await hashSecret(secret)));

  expect(await keys('revoke', id)).toEqual({ exitCode: 0, stdout: `revoked ${id}\n`, stderr: '' });
  expect(await findApiKey(database.db, id)).toBeNull();
});

test('the list shows each key and whether it is valid, and no secret', async () => {
  const [valid, revoked] = [await createKey('list', 'laptop of Ada'), await createKey('list', 'old')];
  await keys('revoke', revoked.id);
  const { stdout } = await keys('list');
  expect(stdout).toMatch(new RegExp(`^${valid.id}\tlist\tlaptop of Ada\t[0-9T:.Z-]+\tvalid$`, 'm'));
  expect(stdout).toMatch(new RegExp(`^${revoked.id}\tlist\told\t[0-9T:.Z-]+\trevoked [0-9T:.Z-]+$`, 'm'));
  expect(stdout).not.toContain(valid.secret);

  const json = JSON.parse((await keys('list', '--json')).stdout) as { id: string }[];
  expect(json.map(({ id }) => id)).toContain(valid.id);
  expect(JSON.stringify(json)).not.toContain(valid.secret);
  expect(Object.keys(json[0]!).toSorted()).toEqual(['createdAt', 'id', 'name', 'revokedAt', 'tenantId']);
});

test('a key that is not there cannot be revoked', async () => {
  const { exitCode, stderr } = await keys('revoke', '0123456789abcdef');
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: 'runfleet: there is no key 0123456789abcdef\n',
  });
});

test('a database that was not migrated says what to run', async () => {
  const empty = await emptyDatabase();
  const { exitCode, stderr } = await runCommand(['keys', 'list'], { DATABASE_URL: empty.url });
  await empty.drop();
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^runfleet: [^\n]*npm run migrate[^\n]*\n$/);
});
