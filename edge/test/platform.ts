import { localGatewayToken } from '../../shared/src/model/local-stack.ts';

/** The database and the queue of what is sent to the Worker through `exports`: its bindings are fixed before a test can say anything. */
export const platformDatabase = 'edge_platform';
export const platformType = 'edge-platform';

export function platformBindings(gatewayUrl: string, databaseUrl: string): Record<string, string> {
  const url = new URL(databaseUrl);
  url.pathname = platformDatabase;
  return {
    DATABASE_URL: url.href,
    SQL_ENDPOINT: `${gatewayUrl}/sql`,
    UPSTASH_REDIS_REST_URL: gatewayUrl,
    UPSTASH_REDIS_REST_TOKEN: localGatewayToken,
    TASK_TYPES: platformType,
  };
}
