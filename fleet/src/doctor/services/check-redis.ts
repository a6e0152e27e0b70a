import { Redis } from 'ioredis';
import { explain } from '../../explain-failure.ts';
import { within } from '../../within.ts';
import { failed, type Finding } from '../finding.ts';
import { judgeRedis } from './judge-redis.ts';
import { placeOf } from './place-of.ts';

const answerMs = 5_000;

/** Whether Redis answers, and keeps what is queued. */
export async function checkRedis(redisUrl: string): Promise<Finding[]> {
  const place = placeOf(redisUrl);
  const redis = new Redis(redisUrl, {
    connectionName: 'runfleet doctor',
    lazyConnect: true,
    connectTimeout: answerMs,
    // How long a connection that was never made keeps the process from ending.
    disconnectTimeout: 100,
    retryStrategy: () => null,
  });
  // `connect` rejects with less than what happened.
  let cause: Error | null = null;
  redis.on('error', (error: Error) => (cause = error));
  try {
    await within(answerMs, 'no answer', redis.connect());
    const info = await within(answerMs, 'no answer', redis.info());
    return judgeRedis({ place, info: parseInfo(info), snapshots: await readSnapshots(redis) });
  } catch (error) {
    const means = 'no worker and no recorder starts without it';
    const remedy = 'start it, or set --redis-url (REDIS_URL) to where it listens, with its password';
    return [failed('redis', `${place}: ${explain(cause ?? error)}`, means, remedy)];
  } finally {
    redis.disconnect();
  }
}

function parseInfo(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const [, name, value] = /^([a-z0-9_]+):(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

/** When snapshots are made, '' for never; null where the server keeps its settings to itself. */
async function readSnapshots(redis: Redis): Promise<string | null> {
  try {
    const [, value] = (await within(answerMs, 'no answer', redis.config('GET', 'save'))) as string[];
    return value ?? null;
  } catch {
    return null;
  }
}
