import type { Redis } from 'ioredis';
import { resultsQueueName } from '@runfleet/shared/queue/contract.ts';

/** The edge's requests reach Redis by the gateway's one connection: each command is a request of the edge's, or part of one. */
export type RedisClient = 'edge' | 'worker' | 'recorder';

export interface RedisCommands {
  /** Sent over the network, by who sent them. */
  sent: Record<RedisClient, number>;
  /** Run inside scripts, which counts as the script's own work. */
  insideScripts: number;
}

/** Counts every command that Redis runs until it is stopped, from Redis' own MONITOR. */
export async function countRedisCommands(redis: Redis): Promise<() => Promise<RedisCommands>> {
  const bySource = new Map<string, number>();
  const monitor = await redis.monitor();
  monitor.on('monitor', (_time: string, _args: string[], source: string) => {
    bySource.set(source, (bySource.get(source) ?? 0) + 1);
  });
  return async () => {
    const clients = await readClients(redis);
    monitor.disconnect();
    const counted: RedisCommands = {
      sent: { edge: 0, worker: 0, recorder: 0 },
      insideScripts: bySource.get('lua') ?? 0,
    };
    for (const [source, count] of bySource) {
      const client = clients.get(source);
      if (client !== undefined) counted.sent[client] += count;
    }
    return counted;
  };
}

/** Who has each connection, by its address. Ours are left out. */
async function readClients(redis: Redis): Promise<Map<string, RedisClient>> {
  const list = (await redis.client('LIST')) as string;
  const clients = new Map<string, RedisClient>();
  for (const line of list.trim().split('\n')) {
    const [, address = '', name = ''] = /\baddr=(\S+) .*?\bname=(\S*)/.exec(line) ?? [];
    const client = clientNamed(name);
    if (client !== null) clients.set(address, client);
  }
  return clients;
}

/** BullMQ names its blocking connections itself, with the queue's name in base64. */
function clientNamed(name: string): RedisClient | null {
  if (name === '') return 'edge';
  if (name === 'recorder' || name.includes(Buffer.from(resultsQueueName).toString('base64')))
    return 'recorder';
  if (name.startsWith('worker:') || name.includes(':w:')) return 'worker';
  return null;
}
