import type { EdgeUnderTest } from './use-edge.ts';

export interface RequestCount {
  postgres: number;
  redis: number;
}

/** Carries something out and counts the requests that the edge sends meanwhile; each goes its way. */
export async function countRequests(
  edge: EdgeUnderTest,
  carryOut: () => Promise<unknown>,
): Promise<RequestCount> {
  const count: RequestCount = { postgres: 0, redis: 0 };
  const passOn = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url === edge.bindings['SQL_ENDPOINT']) count.postgres += 1;
    else if (url.startsWith(String(edge.bindings['UPSTASH_REDIS_REST_URL']))) count.redis += 1;
    else throw new Error(`a request to neither: ${url}`);
    return passOn(input, init);
  };
  try {
    await carryOut();
  } finally {
    globalThis.fetch = passOn;
  }
  return count;
}
