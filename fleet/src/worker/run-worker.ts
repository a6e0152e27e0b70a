import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { LimitPolicy } from '@runfleet/shared/decide/effective-limits.ts';
import { readCrashes } from '@runfleet/shared/db/read-crashes.ts';
import { stopWorker } from '@runfleet/shared/db/stop-worker.ts';
import type { Heartbeat } from '@runfleet/shared/model/heartbeat.ts';
import type { IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { heartbeatTtlMs, type Timings } from '@runfleet/shared/model/timings.ts';
import { queuePrefix, tasksQueueName } from '@runfleet/shared/queue/contract.ts';
import type { Job } from 'bullmq';
import { createExecutor } from '../executor/index.ts';
import { overlap } from '../executor/isolation/allowed-path.ts';
import { requireIsolation } from '../executor/isolation/require-isolation.ts';
import { firstContact } from '../first-contact.ts';
import { releaseId, takeId } from '../heartbeat/hold-id.ts';
import { keepBeating } from '../heartbeat/keep-beating.ts';
import type { Logger } from '../log.ts';
import { openDatabase } from '../open-database.ts';
import { openRedis } from '../open-redis.ts';
import { Queues } from '../queues.ts';
import { StartError } from '../start-error.ts';
import { version } from '../version.ts';
import { within } from '../within.ts';
import { createClaim, ReplacedError } from './claim.ts';
import { Company } from './company.ts';
import { Counters } from './counters.ts';
import { Leases } from './lease.ts';
import { LeasingWorker } from './leasing-worker.ts';
import { pauseWhileUnheard } from './pause-while-unheard.ts';
import { processDelivery, type DeliveryContext } from './process-delivery.ts';
import { recoverFailed } from './recover-failed.ts';
import { recoverStalled } from './recover-stalled.ts';
import { takePlace } from './take-place.ts';

export interface WorkerConfig {
  id: string;
  type: string;
  concurrency: number;
  redisUrl: string;
  databaseUrl: string;
  /** Directories of attempts are made below `<workDir>/<id>`. */
  workDir: string;
  /** What must stand around each child; the worker does not start with less. */
  isolation: IsolationLevel;
  /** Files and directories of the host that every task may write to; see refuseAllowedPath. */
  allowWrite?: readonly string[];
  /** Children that are started ahead. */
  poolSize: number;
  limits: LimitPolicy;
  outputLimitBytes: number;
  /** How long running tasks may go on after the worker was asked to stop. */
  drainTimeoutMs: number;
  timings: Timings;
}

export interface RunningWorker {
  /** Settles when the worker has stopped by itself, because another process took its id. */
  replaced: Promise<void>;
  /** For people, as `3 running, 120 done`. */
  status(): string;
  /** Whether it takes jobs, or is on its way out; whether Redis or Postgres answers does not matter. */
  isAlive(): boolean;
  /** The longest that `drain` may take. */
  stopTimeoutMs: number;
  /** Drains: no new work, running tasks finish or are given back, then everything is closed. May be called again. */
  drain(): Promise<void>;
  /** Ends what runs at once; nothing is pushed, and the attempts are recovered as after a crash. */
  kill(): void;
}

/** What pushing the last outcomes and saying goodbye may take when Redis or Postgres does not answer. */
const farewellMs = 5_000;

/** BullMQ's own words for a job whose lock ran out; see `maxStalledCount`. */
const stalledMessage = 'job stalled more than allowable limit';

/**
 * A worker: takes jobs of its type, claims their attempts, runs each in a child process, and pushes the outcomes.
 *
 * starting ──▶ live ──drain()──▶ draining ──▶ stopped
 *
 * @throws StartError when Postgres or Redis is not usable, or another process has the id
 */
export async function runWorker(config: WorkerConfig, logger: Logger): Promise<RunningWorker> {
  const { allowWrite = [] } = config;
  const tooWide = allowWrite.find((path) => overlap(path, config.workDir));
  if (tooWide !== undefined) {
    throw new StartError(`--allow-write ${tooWide} would let tasks into the directories of others`);
  }
  const isolation = await requireIsolation(config.isolation, allowWrite).catch((error: unknown) => {
    throw new StartError(messageOf(error));
  });
  const identity = { id: config.id, instance: randomUUID() };
  const redis = openRedis(config.redisUrl, `worker:${config.id}`, logger);
  const db = openDatabase(config.databaseUrl, `runfleet worker ${config.id}`, logger, config.timings);
  const queues = new Queues(redis, logger);
  const counters = new Counters();
  const leases = new Leases(config.timings);
  const draining = new AbortController();
  const abandoned = new AbortController();
  const startedAt = new Date().toISOString();
  const executor = createExecutor({
    workRoot: join(config.workDir, config.id),
    isolation,
    poolSize: config.poolSize,
    poolLimits: config.limits.defaults,
    outputLimitBytes: config.outputLimitBytes,
    onLeftover: (path, error) => logger.warn({ event: 'leftover', path, error }),
  });
  const registration = {
    ...identity,
    type: config.type,
    host: hostname(),
    pid: process.pid,
    version,
    concurrency: config.concurrency,
  };
  const readHeartbeat = (): Heartbeat => ({
    ...registration,
    startedAt,
    beatAt: new Date().toISOString(),
    draining: draining.signal.aborted,
    running: counters.running,
    counters: counters.read(),
    ...executor.status(),
  });

  let holdsId = false;
  let heardAtMs: number;
  try {
    await firstContact(db, redis);
    heardAtMs = performance.now();
    await takeId(redis, config.id, readHeartbeat(), heartbeatTtlMs(config.timings));
    holdsId = true;
    await executor.prepare();
    await queues.dispatch(await takePlace(db, registration));
  } catch (error) {
    await executor.close();
    if (holdsId) await releaseId(redis, identity.id, identity.instance).catch(() => {});
    await queues.close().catch(() => {});
    redis.disconnect();
    await db.destroy();
    throw error;
  }

  const replaced = Promise.withResolvers<void>();
  function endAsReplaced(by: Record<string, unknown>): void {
    logger.fatal({ event: 'replaced', ...by });
    replaced.resolve();
  }
  const claim = createClaim(db, identity, config.timings);
  const context: DeliveryContext = {
    workerId: config.id,
    claim: (delivery) =>
      claim(delivery).catch((error: unknown) => {
        if (error instanceof ReplacedError) endAsReplaced({ error: error.message });
        throw error;
      }),
    readCrashes: (taskId) => readCrashes(db, taskId),
    company: new Company(),
    executor,
    limits: config.limits,
    push: (result) => queues.pushResult(result),
    leases,
    counters,
    draining: draining.signal,
    abandoned: abandoned.signal,
    logger,
  };
  const consumer = new LeasingWorker(
    tasksQueueName(config.type),
    (job: Job) => processDelivery(job, context),
    {
      connection: redis,
      prefix: queuePrefix,
      name: config.id,
      concurrency: config.concurrency,
      lockDuration: config.timings.leaseMs,
      stalledInterval: config.timings.leaseMs,
      // Retries are minted in Postgres; a job is entered once.
      maxStalledCount: 0,
      skipVersionCheck: true,
    },
    (jobIds, sentAtMs) => leases.renewed(jobIds, sentAtMs),
  );
  consumer.on('error', (error) => logger.warn({ event: 'queue_error', error: error.message }));
  consumer.on('failed', (job, error) => {
    logger.warn({ event: 'job_failed', jobId: job?.id, error: error.message });
    if (job === undefined) return;
    const isStalled = error.message === stalledMessage;
    (isStalled ? recoverStalled(db, redis, job.data) : recoverFailed(db, job.data))
      .then((lost) => queues.dispatch(lost))
      .catch((failure: unknown) => logger.warn({ event: 'recovery_failed', jobId: job.id, error: failure }));
  });

  const guard = pauseWhileUnheard(consumer, config.timings, logger);
  function heard(sentAtMs: number): void {
    leases.heard(sentAtMs);
    guard.heard(sentAtMs);
  }
  heard(heardAtMs);
  const beating = keepBeating(
    redis,
    config.id,
    readHeartbeat,
    {
      heard,
      replaced: ({ host, pid }) => endAsReplaced({ holder: { host, pid } }),
    },
    config.timings,
    logger,
  );

  let drained: Promise<void> | null = null;
  async function drain(): Promise<void> {
    draining.abort();
    logger.info({ event: 'draining', running: counters.running.length, timeoutMs: config.drainTimeoutMs });
    void beating.now();
    guard.stop();
    // Waits for the running tasks, and renews their locks meanwhile; it knows no limit of its own.
    const finished = consumer.close();
    await within(config.drainTimeoutMs, 'running tasks did not finish', finished).catch(
      async (error: unknown) => {
        logger.warn({ event: 'drain_timeout', running: counters.running, reason: messageOf(error) });
        await executor.close();
        await tryFarewell('push', finished);
      },
    );
    abandoned.abort();
    await executor.close();
    await beating.stop();
    await tryFarewell('release_id', releaseId(redis, identity.id, identity.instance));
    await tryFarewell('stop_worker', stopWorker(db, identity));
    await tryFarewell('close_queues', queues.close());
    redis.disconnect();
    await tryFarewell('close_database', db.destroy());
    logger.info({ event: 'stopped' });
  }
  async function tryFarewell(step: string, goodbye: Promise<unknown>): Promise<void> {
    await within(farewellMs, 'no answer', goodbye).catch((error: unknown) => {
      logger.warn({ event: 'farewell_failed', step, reason: messageOf(error) });
    });
  }

  await consumer.waitUntilReady();
  logger.info({
    event: 'ready',
    type: config.type,
    concurrency: config.concurrency,
    instance: identity.instance,
    isolation: executor.status().isolation,
  });
  return {
    replaced: replaced.promise,
    status() {
      const { completed, failed, givenBack } = counters.read();
      return `${counters.running.length} running, ${completed + failed + givenBack} done`;
    },
    isAlive: () => draining.signal.aborted || consumer.isRunning() || consumer.isPaused(),
    stopTimeoutMs: config.drainTimeoutMs + 6 * farewellMs,
    drain: () => (drained ??= drain()),
    kill: () => void executor.close(),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
