import type { Database } from './database.ts';

export interface NewApiKey {
  id: string;
  tenantId: string;
  name: string;
  secretHash: Uint8Array;
}

export async function insertApiKey(db: Database, key: NewApiKey): Promise<void> {
  await db
    .insertInto('apiKeys')
    .values({ ...key, secretHash: Buffer.from(key.secretHash) })
    .execute();
}
