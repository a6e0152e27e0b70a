import type { Database } from './database.ts';

export interface ApiKeyRow {
  tenantId: string;
  secretHash: Uint8Array;
}

/** The key with this id, unless it was revoked or never made. */
export async function findApiKey(db: Database, id: string): Promise<ApiKeyRow | null> {
  const row = await db
    .selectFrom('apiKeys')
    .select(['tenantId', 'secretHash'])
    .where('id', '=', id)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}
