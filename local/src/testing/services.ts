import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@runfleet/migrations/runner.ts';
import { startGateway } from '@runfleet/fleet/gateway/index.ts';
import { localGatewayToken } from '@runfleet/shared/model/local-stack.ts';
import type { TestProject } from 'vitest/node';
import { findRedisServer } from '../parts/find-redis-server.ts';
import { startPostgres } from '../parts/postgres.ts';
import { startRedis } from '../parts/redis.ts';
import { freePorts } from '../ports.ts';
import { startReaper } from '../reaper.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A Postgres of the test run's own; the database of this URL has the migrations, and tests clone it. */
    databaseUrl: string;
    /** A Redis of the test run's own. Tests share it, so each uses keys of its own. */
    redisUrl: string;
    /** A redis-server, for tests that need one that they can kill. */
    redisServer: string;
    /** A gateway in front of both. */
    gatewayUrl: string;
    gatewayToken: string;
  }
}

/** What one run of the tests shares: a real Postgres, a real Redis, and a gateway; started before it, gone after it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'runfleet-test-'));
  const ports = await freePorts();
  const reaper = startReaper();
  const redisServer = findRedisServer((line) => console.log(line));
  const [postgres, redis] = await Promise.all([
    startPostgres(
      { port: ports.postgres, dataDir, logFile: join(dataDir, 'postgres.log'), durable: false },
      reaper,
    ),
    startRedis(
      {
        server: redisServer,
        port: ports.redis,
        dataDir,
        logFile: join(dataDir, 'redis.log'),
        durable: false,
      },
      reaper,
    ),
  ]);
  await migrate(postgres.url);
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    token: localGatewayToken,
    redisUrl: redis.url,
    databaseUrl: postgres.url,
  });
  project.provide('databaseUrl', postgres.url);
  project.provide('redisUrl', redis.url);
  project.provide('redisServer', redisServer);
  project.provide('gatewayUrl', gateway.url);
  project.provide('gatewayToken', localGatewayToken);

  return async () => {
    await gateway.close();
    await Promise.all([postgres.part.stop(), redis.part.stop()]);
    await reaper.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
