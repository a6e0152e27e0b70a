import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));

export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  kernel: string;
  /** Processes that ran or waited to, averaged over the minute before the stack was started: other work, if any. */
  loadBefore: number;
}

export interface Versions {
  /** Null outside a clone; with `+` when files differ from it. */
  commit: string | null;
  node: string;
  postgres: string;
  redis: string;
  bullmq: string;
  workerd: string;
}

export function readMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    loadBefore: loadavg()[0] ?? 0,
  };
}

export async function readVersions(postgres: Pool, redis: Redis): Promise<Versions> {
  const { rows } = await postgres.query<{ server_version: string }>('show server_version');
  const [, redisVersion = 'unknown'] = /redis_version:(\S+)/.exec(await redis.info('server')) ?? [];
  const wrangler = createRequire(`${root}package.json`).resolve('wrangler/package.json');
  return {
    commit: await readCommit(),
    node: process.versions.node,
    postgres: rows[0]?.server_version ?? 'unknown',
    redis: redisVersion,
    // Both are pinned exactly where they are depended on.
    bullmq: pinned(`${root}fleet/package.json`, 'bullmq'),
    workerd: pinned(wrangler, 'workerd'),
  };
}

function pinned(manifestPath: string, dependency: string): string {
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  return manifest.dependencies?.[dependency] ?? 'unknown';
}

async function readCommit(): Promise<string | null> {
  try {
    const { stdout: commit } = await run('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root });
    const { stdout: changes } = await run('git', ['status', '--porcelain'], { cwd: root });
    return commit.trim() + (changes === '' ? '' : '+');
  } catch {
    return null;
  }
}
