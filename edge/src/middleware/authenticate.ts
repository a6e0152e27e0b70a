import { timingSafeEqual } from 'node:crypto';
import type { Database } from '@runfleet/shared/db/database.ts';
import { findApiKey, type ApiKeyRow } from '@runfleet/shared/db/find-api-key.ts';
import { hashSecret, openTenantId, parseApiKey } from '@runfleet/shared/model/api-key.ts';
import { createMiddleware } from 'hono/factory';
import { MisconfiguredError } from '../bindings.ts';
import type { EdgeContext } from '../context.ts';
import { ProblemError } from '../problem.ts';

/** How long an isolate goes on trusting a key after it read it, and so how long a revoked one may still work. */
const keyCacheMs = 30_000;
const keyCacheSize = 1_000;
const keyCache = new Map<string, ApiKeyRow & { readAtMs: number }>();

/** What a secret is compared with when there is no such key, so that both cases take the same work. */
const noHash = new Uint8Array(32);

/** Finds out whose tasks the request may see. */
export const authenticate = createMiddleware<EdgeContext>(async (c, next) => {
  if (c.get('settings').authMode === 'open') {
    assertLoopback(new URL(c.req.url).hostname);
    c.set('tenantId', openTenantId);
  } else {
    c.set('tenantId', await findTenant(c.get('db'), c.req.header('authorization')));
  }
  await next();
});

/** Open mode exists for one's own machine: anywhere else, such as deployed, the edge refuses to serve. */
function assertLoopback(hostname: string): void {
  if (hostname !== 'localhost' && hostname !== '[::1]' && !/^127(\.\d{1,3}){3}$/.test(hostname)) {
    throw new MisconfiguredError('AUTH_MODE is "open", which serves loopback only; deploy with "keys"');
  }
}

async function findTenant(db: Database, authorization: string | undefined): Promise<string> {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  const parts = parseApiKey(token);
  if (parts === null) {
    throw unauthenticated(
      authorization === undefined ? 'There is no Authorization header.' : 'That is not an API key.',
    );
  }
  const key = await readKey(db, parts.id);
  const matches = timingSafeEqual(await hashSecret(parts.secret), key?.secretHash ?? noHash);
  if (key === null || !matches) throw unauthenticated('The key is unknown or was revoked.');
  return key.tenantId;
}

/** A key's row, from Postgres at most every `keyCacheMs`; a submission with a known key costs no extra request. */
async function readKey(db: Database, id: string): Promise<ApiKeyRow | null> {
  const cached = keyCache.get(id);
  if (cached !== undefined && Date.now() - cached.readAtMs < keyCacheMs) return cached;
  keyCache.delete(id);
  const key = await findApiKey(db, id);
  if (key === null) return null;
  if (keyCache.size >= keyCacheSize) keyCache.clear();
  keyCache.set(id, { ...key, readAtMs: Date.now() });
  return key;
}

function unauthenticated(detail: string): ProblemError {
  return new ProblemError('unauthenticated', { detail }, { 'www-authenticate': 'Bearer realm="runfleet"' });
}
