import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@runfleet/migrations/runner.ts';
import { localGatewayToken } from '@runfleet/shared/model/local-stack.ts';
import type { IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { chooseIsolation, type ChosenIsolation } from './parts/choose-isolation.ts';
import { startEdge, tick } from './parts/edge.ts';
import { findRedisServer } from './parts/find-redis-server.ts';
import { startFleetPart } from './parts/fleet.ts';
import { startPostgres } from './parts/postgres.ts';
import { answers, startRedis } from './parts/redis.ts';
import { lastLines, type Part } from './part.ts';
import { assertPortsFree, type StackPorts } from './ports.ts';
import { startReaper } from './reaper.ts';
import { UserError } from './user-error.ts';

export interface StackConfig {
  ports: StackPorts;
  /** Postgres' and Redis' data, and the logs. */
  dataDir: string;
  /** Begin with no data. */
  fresh: boolean;
  /** Workers to start, `worker-1` and so on. */
  workers: number;
  /** What the workers put around each task; null for the strongest level that this machine has. */
  isolation: IsolationLevel | null;
  /** A Postgres that runs already, whose database is migrated; null to start one. */
  databaseUrl: string | null;
  /** A Redis that runs already; null to start one. */
  redisUrl: string | null;
  /** How often the cron is fired; null for never. */
  tickMs: number | null;
  /** How long the parts wait for one another, as `RUNFLEET_TIMINGS` has it. */
  timings: string;
  /** Whether data must survive a crash of the machine; tests can do without. */
  durable: boolean;
  /** Variables of the edge beyond the local stack's own. */
  edgeVars?: Record<string, string>;
}

export interface Stack {
  edgeUrl: string;
  gatewayUrl: string;
  databaseUrl: string;
  redisUrl: string;
  /** What the workers put around each task. */
  isolation: ChosenIsolation;
  /** What runs, in the order in which it was started. */
  parts(): readonly Part[];
  /** Starts one more worker, with these flags beyond its id. */
  startWorker(id: string, ...flags: string[]): Promise<Part>;
  startRecorder(name: string): Promise<Part>;
  /** Fires the cron now. */
  tick(): Promise<void>;
  /** From here on the stack does not fail when this part ends. */
  expectEnd(part: Part): void;
  /** Settles when a part has ended that should not have; the stack is still to be stopped then. */
  failed: Promise<string>;
  /** Stops everything in order. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts the whole system on this machine: Postgres, Redis, migrations, gateway, recorder, workers, edge, and the cron's
 * tick. When a step fails, what was started is stopped again.
 *
 * @param say told each step as it begins
 */
export async function startStack(config: StackConfig, say: (line: string) => void): Promise<Stack> {
  const { ports, dataDir } = config;
  const { postgres: postgresPort, redis: redisPort, ...otherPorts } = ports;
  await assertPortsFree({
    ...otherPorts,
    ...(config.databaseUrl === null ? { postgres: postgresPort } : {}),
    ...(config.redisUrl === null ? { redis: redisPort } : {}),
  });
  if (config.fresh) rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const logFile = (name: string) => join(dataDir, 'logs', `${name}.log`);
  rmSync(join(dataDir, 'logs'), { recursive: true, force: true });

  const reaper = startReaper();
  const parts: Part[] = [];
  const mayEnd = new Set<Part>();
  const failed = Promise.withResolvers<string>();
  let ticking: NodeJS.Timeout | null = null;
  let stopping: Promise<void> | null = null;

  function supervise(part: Part): Part {
    parts.push(part);
    void part.exited.then(({ code, signal }) => {
      parts.splice(parts.indexOf(part), 1);
      if (stopping !== null || mayEnd.has(part)) return;
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      failed.resolve(
        `${part.name} has ended ${how}. The end of ${part.logFile}:\n${lastLines(part.logFile)}`,
      );
    });
    return part;
  }
  async function stopAll(): Promise<void> {
    if (ticking !== null) clearInterval(ticking);
    // In the reverse order, so that nothing loses what it needs to end well; workers drain side by side.
    const byKind = (kind: string) => parts.filter((part) => part.name.startsWith(kind));
    for (const kind of ['edge', 'worker', 'recorder', 'gateway', 'redis', 'postgres']) {
      await Promise.all(byKind(kind).map((part) => part.stop()));
    }
    await reaper.close();
  }

  try {
    say('starting Postgres');
    let databaseUrl = config.databaseUrl;
    if (databaseUrl === null) {
      const postgres = await startPostgres(
        { port: postgresPort, dataDir, logFile: logFile('postgres'), durable: config.durable },
        reaper,
      );
      supervise(postgres.part);
      databaseUrl = postgres.url;
    }
    await migrate(databaseUrl);

    say('starting Redis');
    let redisUrl = config.redisUrl;
    if (redisUrl === null) {
      const server = findRedisServer(say);
      const redis = await startRedis(
        { server, port: redisPort, dataDir, logFile: logFile('redis'), durable: config.durable },
        reaper,
      );
      supervise(redis.part);
      redisUrl = redis.url;
    } else if (!(await answers(redisUrl).catch(() => false))) {
      throw new UserError('nothing answers at REDIS_URL; unset it to have a Redis started');
    }

    say('trying the sandbox');
    const isolation = await chooseIsolation(config.isolation, say);

    const env = {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      RUNFLEET_GATEWAY_TOKEN: localGatewayToken,
      RUNFLEET_WORK_DIR: join(dataDir, 'work'),
      RUNFLEET_ISOLATION: isolation.level,
      RUNFLEET_TIMINGS: config.timings,
    };
    const startFleet = async (name: string, args: string[], stopTimeoutMs?: number) =>
      supervise(
        await startFleetPart(
          {
            name,
            args,
            env,
            logFile: logFile(name),
            ...(stopTimeoutMs === undefined ? {} : { stopTimeoutMs }),
          },
          reaper,
        ),
      );
    const startWorker = (id: string, ...flags: string[]) =>
      startFleet(
        id.startsWith('worker') ? id : `worker-${id}`,
        ['worker', '--id', id, '--drain-timeout', '10', ...flags],
        30_000,
      );

    say('starting gateway');
    await startFleet('gateway', ['gateway', '--port', String(ports.gateway)]);
    const gatewayUrl = `http://127.0.0.1:${ports.gateway}`;

    say('starting recorder, workers and edge');
    const [edge] = await Promise.all([
      startEdge(
        {
          port: ports.edge,
          vars: {
            DATABASE_URL: databaseUrl,
            SQL_ENDPOINT: `${gatewayUrl}/sql`,
            UPSTASH_REDIS_REST_URL: gatewayUrl,
            TIMINGS: config.timings,
            ...config.edgeVars,
          },
          logFile: logFile('edge'),
        },
        reaper,
      ).then((started) => {
        supervise(started.part);
        return started;
      }),
      startFleet('recorder', ['recorder']),
      ...Array.from({ length: config.workers }, (_, index) => startWorker(`worker-${index + 1}`)),
    ]);
    if (config.tickMs !== null) {
      // A tick that fails says so in the edge's log, and the next one makes up for it.
      ticking = setInterval(() => void tick(edge.url).catch(() => {}), config.tickMs);
    }
    return {
      edgeUrl: edge.url,
      gatewayUrl,
      databaseUrl,
      redisUrl,
      isolation,
      parts: () => parts,
      startWorker,
      startRecorder: (name) => startFleet(name, ['recorder']),
      tick: () => tick(edge.url),
      expectEnd: (part) => void mayEnd.add(part),
      failed: failed.promise,
      stop: () => (stopping ??= stopAll()),
    };
  } catch (error) {
    stopping = stopAll();
    await stopping;
    throw error;
  }
}
