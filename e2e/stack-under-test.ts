import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '@runfleet/local/ports.ts';
import { groupExists } from '@runfleet/local/reaper.ts';
import { startStack, type Stack, type StackConfig } from '@runfleet/local/stack.ts';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import { Client } from './client.ts';

export interface StackUnderTest {
  stack: Stack;
  client: Client;
  redis: Redis;
  postgres: Pool;
  /** Of attempts, one directory a worker. */
  workDir: string;
}

/**
 * A whole local stack for the tests of one file, with data of its own. When they are done it is stopped, and no process,
 * connection or directory may be left.
 */
export function useStack(config: Partial<StackConfig> = {}): StackUnderTest {
  const context = {} as StackUnderTest;
  let dataDir: string;
  const groups = new Set<number>();

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'runfleet-e2e-'));
    context.workDir = join(dataDir, 'work');
    context.stack = await startStack(
      {
        ports: await freePorts(),
        dataDir,
        fresh: false,
        workers: 1,
        isolation: null,
        databaseUrl: null,
        redisUrl: null,
        tickMs: 1_000,
        timings: '{}',
        durable: false,
        ...config,
      },
      () => {},
    );
    context.client = new Client(context.stack.edgeUrl);
    context.redis = new Redis(context.stack.redisUrl);
    context.redis.on('error', () => {});
    context.postgres = new Pool({ connectionString: context.stack.databaseUrl, max: 2 });
    context.postgres.on('error', () => {});
  }, 120_000);

  afterAll(async () => {
    const logs = readLogs(join(dataDir, 'logs'));
    for (const part of context.stack.parts()) groups.add(part.pid);
    context.redis.disconnect();
    await context.postgres.end();
    await context.stack.stop();
    try {
      expect([...groups].filter(groupExists), 'process groups left').toEqual([]);
      expect(leftovers(context.workDir), 'directories left').toEqual([]);
      expect(logs.filter(isUnforeseen), 'unforeseen errors in the logs').toEqual([]);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 120_000);

  return context;
}

function leftovers(workDir: string): string[] {
  if (!existsSync(workDir)) return [];
  return readdirSync(workDir).flatMap((worker) => readdirSync(join(workDir, worker)));
}

function readLogs(logDir: string): string[] {
  return readdirSync(logDir)
    .filter((name) => /^(worker|recorder|gateway|edge)/.test(name))
    .flatMap((name) =>
      readFileSync(join(logDir, name), 'utf8')
        .split('\n')
        .map((line) => `${name}: ${line}`),
    );
}

/** What no scenario of ours may bring about, whatever it breaks. */
function isUnforeseen(line: string): boolean {
  return /"level":"fatal"|UnhandledPromiseRejection|uncaughtException|ERR_ASSERTION|"event":"internal"/.test(
    line,
  );
}
