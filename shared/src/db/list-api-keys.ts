import type { Database } from './database.ts';

export interface ListedApiKey {
  id: string;
  tenantId: string;
  name: string;
  createdAt: Date;
  revokedAt: Date | null;
}

/** Every key, newest first; nothing here can be used to authenticate. */
export async function listApiKeys(db: Database): Promise<ListedApiKey[]> {
  return db
    .selectFrom('apiKeys')
    .select(['id', 'tenantId', 'name', 'createdAt', 'revokedAt'])
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .execute();
}
