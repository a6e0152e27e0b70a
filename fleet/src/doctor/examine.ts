import { hostname } from 'node:os';
import { explain } from '../explain-failure.ts';
import { version } from '../version.ts';
import { failed, type Finding } from './finding.ts';
import { checkCgroup } from './host/check-cgroup.ts';
import { checkDisk, readDiskSpace } from './host/check-disk.ts';
import { checkIsolation } from './host/check-isolation.ts';
import { checkMemory } from './host/check-memory.ts';
import { checkNode } from './host/check-node.ts';
import { checkOpenFiles } from './host/check-open-files.ts';
import { checkProcesses } from './host/check-processes.ts';
import { checkTools } from './host/check-tools.ts';
import { readLimits } from './host/read-limits.ts';
import { checkInstallation } from './installation/check-installation.ts';
import type { WorkerPlan } from './plan.ts';
import { worstOf, type Report } from './report.ts';
import { checkPostgres } from './services/check-postgres.ts';
import { checkRedis } from './services/check-redis.ts';

export interface Examination {
  plan: WorkerPlan;
  redisUrl: string;
  databaseUrl: string;
  /** What an installation as services would be below. */
  prefix: string;
}

/** Looks at everything that a worker needs, here and elsewhere; changes nothing. */
export async function examine({ plan, redisUrl, databaseUrl, prefix }: Examination): Promise<Report> {
  const checks: [item: string, check: () => Finding[] | Promise<Finding[]>][] = [
    ['node', () => [checkNode(process.versions.node)]],
    ['tools', () => checkTools(plan.isolation)],
    ['isolation', () => checkIsolation(plan.isolation)],
    ['cgroup', () => [checkCgroup()]],
    ['limits', () => checkLimits(plan)],
    ['limits.disk', async () => [checkDisk(await readDiskSpace(plan.workDir), plan)]],
    ['install', () => (process.platform === 'linux' ? checkInstallation(prefix) : [])],
    ['redis', () => checkRedis(redisUrl)],
    ['postgres', () => checkPostgres(databaseUrl)],
  ];
  const findings: Finding[] = [];
  // One after the other: the canaries keep a small host busy, and would be seen in the reading of the clock.
  for (const [item, check] of checks) findings.push(...(await orFailed(item, check)));
  return { status: worstOf(findings), version, host: hostname(), findings };
}

function checkLimits(plan: WorkerPlan): Finding[] {
  const { openFiles, processes, memoryBytes } = readLimits();
  return [checkOpenFiles(openFiles, plan), checkProcesses(processes, plan), checkMemory(memoryBytes, plan)];
}

/** A host that is broken in a way that no check foresaw must not keep the other checks from their say. */
async function orFailed(item: string, check: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [failed(item, `the check failed: ${explain(error)}`, 'nothing is known of it', null)];
  }
}
