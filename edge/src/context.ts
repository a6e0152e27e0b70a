import type { Database } from '@runfleet/shared/db/database.ts';
import type { Redis } from '@upstash/redis';
import type { Bindings, Settings } from './bindings.ts';

/** What a request carries from the middleware to its route. */
export interface EdgeContext {
  Bindings: Bindings;
  Variables: {
    requestId: string;
    settings: Settings;
    db: Database;
    redis: Redis;
    /** Whose tasks the request may see. */
    tenantId: string;
  };
}
