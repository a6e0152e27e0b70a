import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '@runfleet/local/ports.ts';
import { startStack } from '@runfleet/local/stack.ts';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { countAtRest, countRequests } from './count-requests.ts';
import { readMachine, readVersions } from './machine.ts';
import { measureIdleLatency } from './measure-idle-latency.ts';
import { measureThroughput } from './measure-throughput.ts';
import type { Plan } from './plan.ts';
import type { Report } from './report.ts';
import { benchCode } from './run-task.ts';
import { memoryOf, readMemory } from './sample-memory.ts';

/** After the start, until the parts have settled. */
const settleMs = 2_000;

/**
 * Starts a stack of its own, measures it, and stops it; nothing is left of it.
 *
 * @param stop makes the run end early, with an error
 * @param say told each step as it begins
 */
export async function runBench(
  plan: Plan,
  quick: boolean,
  stop: AbortSignal,
  say: (line: string) => void,
): Promise<Report> {
  const at = new Date().toISOString();
  const machine = readMachine();
  const dataDir = mkdtempSync(join(tmpdir(), 'runfleet-bench-'));
  try {
    const benchFile = join(dataDir, 'bare.js');
    writeFileSync(benchFile, benchCode);
    say('starting the stack');
    const stack = await startStack(
      {
        ports: await freePorts(),
        dataDir,
        fresh: false,
        workers: 0,
        isolation: null,
        databaseUrl: null,
        redisUrl: null,
        // The cron would ask for things of its own while requests are counted.
        tickMs: null,
        timings: '{}',
        durable: true,
      },
      () => {},
    );
    try {
      const worker = await stack.startWorker('worker-1', '--concurrency', String(machine.cores));
      const failed = stack.failed.then((reason) => Promise.reject(new Error(reason)));
      const stopped = new Promise<never>((_, reject) => {
        stop.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
        if (stop.aborted) reject(new Error('stopped'));
      });
      return await Promise.race([measure(), failed, stopped]);

      async function measure(): Promise<Report> {
        const redis = new Redis(stack.redisUrl, { connectionName: 'bench' });
        const postgres = new Pool({
          connectionString: stack.databaseUrl,
          application_name: 'bench',
          max: 2,
        });
        redis.on('error', () => {});
        postgres.on('error', () => {});
        const context = {
          plan,
          stack,
          postgres,
          redis,
          benchFile,
          childrenAtOnce: machine.cores,
          clients: 4 * machine.cores,
        };
        try {
          const versions = await readVersions(postgres, redis);
          const parts = stack
            .parts()
            .filter(({ name }) => ['recorder', 'gateway', worker.name].includes(name));
          const measured = parts.map(({ name, pid }) => ({ name, pid }));
          await delay(settleMs);
          const memoryAtRest = await readMemory(measured);
          say('counting what an idle fleet asks of Redis');
          const atRest = await countAtRest(context);
          say('one task at a time');
          // The first few meet cold caches.
          await measureIdleLatency({ ...context, plan: { ...plan, idleTasks: 10 } });
          const idle = await measureIdleLatency(context);
          say('under load, and bare spawn, in turns');
          const load = await measureThroughput(context, measured);
          say('counting requests and statements');
          const requests = await countRequests(context);
          return {
            at,
            quick,
            machine,
            versions,
            latency: { idle, underLoad: load.latency },
            throughput: load.throughput,
            requests,
            atRest,
            memory: memoryOf(measured, memoryAtRest, load.memory),
          };
        } finally {
          redis.disconnect();
          await postgres.end();
        }
      }
    } finally {
      say('stopping the stack');
      await stack.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
