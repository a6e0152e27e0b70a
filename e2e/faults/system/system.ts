import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleEdge } from '@runfleet/local/edge/bundle-edge.ts';
import { chooseIsolation } from '@runfleet/local/parts/choose-isolation.ts';
import { freePorts } from '@runfleet/local/ports.ts';
import { startReaper } from '@runfleet/local/reaper.ts';
import { installTaskEvents } from '../history/task-events.ts';
import { timingsSetting } from '../timings.ts';
import { until } from '../until.ts';
import { Cron } from './cron.ts';
import { createEdgeSlot } from './edge-slot.ts';
import type { Link } from './link.ts';
import { createMember, openLink, type Member } from './member.ts';
import { PostgresServer } from './postgres-server.ts';
import { ProcessCensus } from './process-census.ts';
import { RedisServer } from './redis-server.ts';
import type { Slot } from './slot.ts';

export type { Member };

const run = promisify(execFile);
const token = 'campaign';

interface SystemConfig {
  /** The source tree that is tested: ours, or a mutant's. */
  programRoot: string;
  dataDir: string;
  workers: number;
  concurrency: number;
  recorders: number;
}

export interface System {
  /** Where clients send their requests: the edge, by way of a link. */
  apiUrl: string;
  postgres: PostgresServer;
  redis: RedisServer;
  edge: Slot;
  /** Speaks SQL for the edge. */
  sqlGateway: Member;
  /** Speaks Redis for the edge. */
  redisGateway: Member;
  workers: Member[];
  recorders: Member[];
  /** Every link, by its name. */
  links: Map<string, Link>;
  cron: Cron;
  census: ProcessCensus;
  /** Where programs note that they run. */
  ledgerFile: string;
  isolation: string;
  workDir: string;
  logDir: string;
  /** Undoes what a fault that was interrupted has left broken. */
  heal(): Promise<void>;
  /** Ends every process of the program under test in order; Postgres and Redis stay, for a last look. */
  stopProgram(): Promise<void>;
  /** Ends everything. May be called again, and after a start that failed. */
  close(): Promise<void>;
}

/** Starts everything, each process behind links of its own. What was started is ended again when a step fails. */
export async function startSystem(config: SystemConfig, say: (line: string) => void): Promise<System> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    return await startAll(config, say, undo, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function startAll(
  { dataDir, programRoot, ...sizes }: SystemConfig,
  say: (line: string) => void,
  undo: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<System> {
  const [workDir, logDir, ledgerDir] = ['work', 'logs', 'ledger'].map((name) => join(dataDir, name)) as [
    string,
    string,
    string,
  ];
  for (const directory of [workDir, logDir, ledgerDir]) mkdirSync(directory);
  const reaper = startReaper();
  undo.push(() => reaper.close());
  const ports = await freePorts();
  const gatewayPorts = await freePorts();
  const { level: isolation } = await chooseIsolation(null, say);

  say('starting Postgres and Redis');
  const postgres = new PostgresServer(ports.postgres, dataDir, reaper);
  const redis = new RedisServer(ports.redis, dataDir, reaper);
  undo.push(() => Promise.all([postgres.close(), redis.close()]));
  const [script] = await Promise.all([
    bundleEdge(programRoot),
    postgres.start().then(() => migrate(programRoot, postgres.url)),
    redis.start(),
  ]);
  await installTaskEvents(postgres);

  say('starting gateways, edge, recorders and workers');
  const links = new Map<string, Link>();
  undo.push(() => Promise.all([...links.values()].map((link) => link.close())));
  const timings = JSON.stringify(timingsSetting);
  const surroundings = {
    programRoot,
    redisUrl: redis.url,
    postgresUrl: postgres.url,
    env: {
      RUNFLEET_GATEWAY_TOKEN: token,
      RUNFLEET_WORK_DIR: workDir,
      RUNFLEET_ISOLATION: isolation,
      RUNFLEET_TIMINGS: timings,
      RUNFLEET_DRAIN_TIMEOUT: '3',
      RUNFLEET_ALLOW_WRITE: ledgerDir,
      RUNFLEET_CONCURRENCY: String(sizes.concurrency),
      RUNFLEET_POOL: '2',
    },
    logDir,
    reaper,
    links,
  };
  const member = (name: string, ...command: string[]) => createMember(name, command, surroundings);
  const many = (count: number, make: (number: number) => Promise<Member>) =>
    Promise.all(Array.from({ length: count }, (_, index) => make(index + 1)));
  const gateway = (name: string, port: number) => member(name, 'gateway', '--port', String(port));
  const sqlGateway = await gateway('sql-gateway', gatewayPorts.gateway);
  const redisGateway = await gateway('redis-gateway', gatewayPorts.redis);
  const recorders = await many(sizes.recorders, (number) => member(`recorder-${number}`, 'recorder'));
  const workers = await many(sizes.workers, (number) =>
    member(`worker-${number}`, 'worker', '--id', `worker-${number}`),
  );
  const members = [...workers, ...recorders, sqlGateway, redisGateway];

  const local = (port: number) => `http://127.0.0.1:${port}`;
  const edgeUrl = local(ports.edge);
  const edgeToSql = await openLink(links, 'edge–sql-gateway', local(gatewayPorts.gateway));
  const edgeToRedis = await openLink(links, 'edge–redis-gateway', local(gatewayPorts.redis));
  const clientToEdge = await openLink(links, 'client–edge', edgeUrl);
  const vars = {
    AUTH_MODE: 'open',
    DATABASE_URL: postgres.url,
    SQL_ENDPOINT: `${local(edgeToSql.port)}/sql`,
    UPSTASH_REDIS_REST_URL: local(edgeToRedis.port),
    UPSTASH_REDIS_REST_TOKEN: token,
    TIMINGS: timings,
  };
  const edgeConfig = { port: ports.edge, root: programRoot, script, vars };
  const edge = createEdgeSlot(edgeConfig, join(logDir, 'edge.log'), reaper);

  const cron = new Cron(edgeUrl);
  const slots = [edge, ...members.map(({ slot }) => slot)];
  const census = new ProcessCensus(() => slots.flatMap(({ pid }) => pid ?? []));
  let stopped: Promise<void> | null = null;
  const stopProgram = () => (stopped ??= stopMembers());
  async function stopMembers(): Promise<void> {
    await cron.stop();
    // In this order nothing loses what it needs to end well.
    await edge.empty();
    for (const kind of [workers, recorders, [sqlGateway, redisGateway]]) {
      await Promise.all(kind.map(({ slot }) => slot.empty()));
    }
    census.stop();
  }
  undo.push(stopProgram);

  for (const slot of slots) slot.fill();
  await until('the edge is ready', 60_000, async () => {
    return (await fetch(`${edgeUrl}/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
  });
  await until('every worker beats', 60_000, async () => {
    return (await redis.redis.keys('worker:*:heartbeat')).length === sizes.workers;
  });
  census.start();

  async function heal(): Promise<void> {
    for (const link of links.values()) link.heal();
    for (const slot of slots) {
      slot.signal('SIGCONT');
      slot.fill();
    }
    await redis.redis.config('SET', 'maxmemory', '0');
  }
  return {
    apiUrl: local(clientToEdge.port),
    postgres,
    redis,
    edge,
    sqlGateway,
    redisGateway,
    workers,
    recorders,
    links,
    cron,
    census,
    ledgerFile: join(ledgerDir, 'lines'),
    isolation,
    workDir,
    logDir,
    heal,
    stopProgram,
    close,
  };
}

async function migrate(programRoot: string, databaseUrl: string): Promise<void> {
  await run(process.execPath, [join(programRoot, 'migrations/src/main.ts')], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
  });
}
