import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@runfleet/migrations/runner.ts';
import { startGateway } from '@runfleet/fleet/gateway/index.ts';
import { localGatewayToken } from '@runfleet/shared/model/local-stack.ts';
import type { TestProject } from 'vitest/node';
import { chooseIsolation } from '../parts/choose-isolation.ts';
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
  const undo: (() => unknown)[] = [];
  async function teardown(): Promise<void> {
    for (const step of undo.splice(0).toReversed()) await step();
  }
  try {
    await startServices(project, undo);
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}

async function startServices(project: TestProject, undo: (() => unknown)[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'runfleet-test-'));
  undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const reaper = startReaper();
  undo.push(() => reaper.close());
  const say = (line: string) => console.log(line);
  const redisServer = findRedisServer(say);
  // The executor's tests say themselves what they cannot show on a machine without it.
  await chooseIsolation(null, say);
  const ports = await freePorts();
  const inTest = { dataDir, durable: false };

  const postgres = await startPostgres(
    { ...inTest, port: ports.postgres, logFile: join(dataDir, 'postgres.log') },
    reaper,
  );
  undo.push(() => postgres.part.stop());
  await migrate(postgres.url);
  const redis = await startRedis(
    { ...inTest, server: redisServer, port: ports.redis, logFile: join(dataDir, 'redis.log') },
    reaper,
  );
  undo.push(() => redis.part.stop());
  const gateway = await startGateway({
    port: 0,
    token: localGatewayToken,
    redisUrl: redis.url,
    databaseUrl: postgres.url,
  });
  undo.push(() => gateway.close());

  project.provide('databaseUrl', postgres.url);
  project.provide('redisUrl', redis.url);
  project.provide('redisServer', redisServer);
  project.provide('gatewayUrl', gateway.url);
  project.provide('gatewayToken', localGatewayToken);
}
