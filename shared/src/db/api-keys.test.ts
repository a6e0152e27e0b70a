import { afterAll, beforeEach, expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { hashSecret, makeApiKey } from '../model/api-key.ts';
import { findApiKey } from './find-api-key.ts';
import { insertApiKey } from './insert-api-key.ts';
import { listApiKeys } from './list-api-keys.ts';
import { revokeApiKey } from './revoke-api-key.ts';

const database = await cloneDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => database.clear());

async function storeKey(name = 'ci') {
  const key = makeApiKey();
  const secretHash = await hashSecret(key.secret);
  await insertApiKey(db, { id: key.id, tenantId: 'acme', name, secretHash });
  return { ...key, secretHash };
}

test('a key is found by its id, with the hash to compare', async () => {
  const { id, secretHash } = await storeKey();
  const found = await findApiKey(db, id);
  expect(found?.tenantId).toBe('acme');
  expect(Buffer.from(found!.secretHash)).toEqual(Buffer.from(secretHash));
  expect(await findApiKey(db, makeApiKey().id)).toBeNull();
});

test('a key that is revoked is not found, and stays revoked since when it was', async () => {
  const { id } = await storeKey();
  expect(await revokeApiKey(db, id)).toBe(true);
  const [first] = await listApiKeys(db);
  expect(await findApiKey(db, id)).toBeNull();
  expect(await revokeApiKey(db, id)).toBe(true);
  expect((await listApiKeys(db))[0]?.revokedAt).toEqual(first?.revokedAt);
  expect(first?.revokedAt).toBeInstanceOf(Date);
});

test('what was never made cannot be revoked', async () => {
  expect(await revokeApiKey(db, makeApiKey().id)).toBe(false);
});

test('the list is newest first, and shows nothing that authenticates', async () => {
  await storeKey('first');
  const { secret, secretHash } = await storeKey('second');
  const keys = await listApiKeys(db);
  expect(keys.map(({ name }) => name)).toEqual(['second', 'first']);
  expect(Object.keys(keys[0]!).toSorted()).toEqual(['createdAt', 'id', 'name', 'revokedAt', 'tenantId']);
  const shown = JSON.stringify(keys);
  expect(shown).not.toContain(secret);
  expect(shown).not.toContain(Buffer.from(secretHash).toString('hex'));
});

test('a secret is nowhere in its row', async () => {
  const { secret } = await storeKey();
  const rows = await db.selectFrom('apiKeys').selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(rows[0]?.secretHash).not.toEqual(Buffer.from(secret, 'hex'));
});
