import { findTask } from '@runfleet/shared/db/find-task.ts';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { cloneDatabase } from '../../../shared/test/database.ts';
import { submitTask } from '../../../shared/test/tasks.ts';
import { Queues } from '../../src/queues.ts';
import { collectLog } from '../collect-log.ts';
import { freePort, startRedis, type PrivateRedis } from '../start-redis.ts';
import { bootMachine, repository, type Machine } from './machine.ts';

export type FleetOnMachine = Awaited<ReturnType<typeof startFleetOnMachine>>;

export const watchdogSeconds = 3;
const drainSeconds = 3;
export const gatewayToken = 'a token of the tests';

/** Runfleet installed on a machine of its own, with workers `one` and `two`, a recorder and a gateway, and a Postgres and a Redis outside. */
export async function startFleetOnMachine() {
  const undo: (() => Promise<unknown>)[] = [];
  async function stop(): Promise<void> {
    for (const step of undo.splice(0).toReversed()) await step();
  }
  try {
    const database = await cloneDatabase();
    undo.push(() => database.drop());
    let server: PrivateRedis = await startRedis();
    undo.push(() => server.stop());
    const redis = new Redis(server.url, { maxRetriesPerRequest: null });
    redis.on('error', () => {});
    undo.push(async () => redis.disconnect());
    const machine = await bootMachine();
    undo.push(() => machine.stop());
    const gatewayPort = await freePort();
    const inspectorPorts = { one: await freePort(), two: await freePort() };
    await installOn(machine, {
      databaseUrl: database.url,
      redisUrl: server.url,
      gatewayPort,
      inspectorPorts,
    });

    const queues = new Queues(redis, collectLog().logger);
    return {
      machine,
      gatewayPort,
      inspectorPorts,
      stop,
      /** Submits code as the edge would. */
      async submit(code: string): Promise<string> {
        const taskId = await submitTask(database.db, { code });
        await queues.dispatch([{ taskId, attempt: 1, type: 'javascript' }]);
        return taskId;
      },
      task: (id: string) => findTask(database.db, 'acme', id),
      async whileRedisIsAway(act: () => Promise<void>): Promise<void> {
        await server.stop();
        await act();
        server = await startRedis(server.port);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Settings {
  databaseUrl: string;
  redisUrl: string;
  gatewayPort: number;
  inspectorPorts: Record<string, number>;
}

async function installOn(machine: Machine, settings: Settings): Promise<void> {
  await machine.run(process.execPath, `${repository}/fleet/src/main.ts`, 'install');
  await machine.write('/etc/runfleet/credentials/database-url', `${settings.databaseUrl}\n`);
  await machine.write('/etc/runfleet/credentials/redis-url', `${settings.redisUrl}\n`);
  await machine.write('/etc/runfleet/credentials/gateway-token', `${gatewayToken}\n`);
  await machine.write('/etc/runfleet/gateway.env', `RUNFLEET_GATEWAY_PORT=${settings.gatewayPort}\n`);
  await machine.write(
    '/etc/runfleet/worker.env',
    `RUNFLEET_CONCURRENCY=3\nRUNFLEET_POOL=1\nRUNFLEET_DRAIN_TIMEOUT=${drainSeconds}\n`,
  );
  for (const [id, port] of Object.entries(settings.inspectorPorts)) {
    // Said over HTTP only: what Node says of it on stderr is no line of ours.
    const inspector = `--inspect=127.0.0.1:${port} --inspect-publish-uid=http`;
    await machine.write(
      `/etc/runfleet/worker-${id}.env`,
      `NODE_OPTIONS=${inspector}
`,
    );
  }
  // What an administrator does to change a unit.
  await machine.write(
    '/etc/systemd/system/runfleet-worker@.service.d/test.conf',
    `[Service]\nWatchdogSec=${watchdogSeconds}s\nRestartSec=200ms\nTimeoutStopSec=2s\n`,
  );
  await machine.run('systemctl', 'daemon-reload');
  await machine.run(
    'systemctl',
    'enable',
    '--quiet',
    'runfleet.target',
    'runfleet-worker@one',
    'runfleet-worker@two',
    'runfleet-recorder',
    'runfleet-gateway',
  );
}

/** Asks again and again until the assertion that follows holds; a busy host needs its time. */
export function expectWithin<T>(seconds: number, probe: () => T | Promise<T>) {
  return expect.poll(probe, { timeout: seconds * 1000, interval: 50 });
}
