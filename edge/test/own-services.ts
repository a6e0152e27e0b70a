import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localGatewayToken } from '@runfleet/shared/model/local-stack.ts';
import type { TestProject } from 'vitest/node';
import { startGateway } from '../../fleet/src/gateway/index.ts';
import { findRedisServer } from '../../local/src/parts/find-redis-server.ts';
import { startRedis } from '../../local/src/parts/redis.ts';
import { freePorts } from '../../local/src/ports.ts';
import { startReaper } from '../../local/src/reaper.ts';
import { redisOwners, type RedisOwner } from './redis-owners.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A gateway in front of a Redis database that only this test file uses, so it may wipe it. */
    ownGateways: Record<RedisOwner, string>;
    /** Where connections are accepted and nothing is ever answered. */
    silentUrl: string;
  }
}

/** What the edge's tests need besides the services of the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { databaseUrl } = project.getProvidedContext();
  const dataDir = mkdtempSync(join(tmpdir(), 'runfleet-edge-'));
  const reaper = startReaper();
  const redis = await startRedis(
    {
      server: findRedisServer((line) => console.log(line)),
      port: (await freePorts()).redis,
      dataDir,
      logFile: join(dataDir, 'redis.log'),
      durable: false,
    },
    reaper,
  );
  const gateways = await Promise.all(
    redisOwners.map((_, index) =>
      startGateway({
        host: '127.0.0.1',
        port: 0,
        token: localGatewayToken,
        redisUrl: `${redis.url}/${index}`,
        databaseUrl,
      }),
    ),
  );
  const urls = redisOwners.map((owner, index) => [owner, gateways[index]?.url]);
  project.provide('ownGateways', Object.fromEntries(urls));

  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  project.provide('silentUrl', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);

  return async () => {
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await redis.part.stop();
    await reaper.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
