import type { Timings } from '@runfleet/shared/model/timings.ts';
import {
  queuePrefix,
  resultPayloadSchema,
  resultsQueueName,
  type ResultPayload,
} from '@runfleet/shared/queue/contract.ts';
import { WaitingError, Worker, type Job } from 'bullmq';
import { coalesce } from '../coalesce.ts';
import { isRejectedData } from '../database-errors.ts';
import { firstContact } from '../first-contact.ts';
import type { Logger } from '../log.ts';
import { openDatabase } from '../open-database.ts';
import { openRedis } from '../open-redis.ts';
import { Queues } from '../queues.ts';
import { retryWhile } from '../retry-while.ts';
import { within } from '../within.ts';
import { recordResults, type RecordVerdict } from './record-results.ts';

export interface RecorderConfig {
  redisUrl: string;
  databaseUrl: string;
  /** How many results are in hand at once, and so the largest batch; each may hold both outputs, some megabytes. */
  batchSize: number;
  /** How long results in hand may take to be recorded after the recorder was asked to stop. */
  drainTimeoutMs: number;
  timings: Timings;
}

export interface RecorderCounts {
  recorded: number;
  dropped: number;
  unrecordable: number;
  statements: number;
}

export interface RunningRecorder {
  counts(): RecorderCounts;
  /** Whether it takes results; whether Redis or Postgres answers does not matter. */
  isAlive(): boolean;
  /** The longest that `drain` may take. */
  stopTimeoutMs: number;
  /** Records what is in hand, then closes everything. May be called again. */
  drain(): Promise<void>;
}

const farewellMs = 5_000;

/**
 * A recorder: takes results off their queue and writes them to Postgres in batches. A job is acknowledged only after
 * the commit of its batch, so one that dies in between leaves its results to the next, and the fence makes writing them
 * twice harmless. While Postgres is away the results wait here and in the queue.
 *
 * @throws StartError when Postgres or Redis is not usable
 */
export async function runRecorder(config: RecorderConfig, logger: Logger): Promise<RunningRecorder> {
  const redis = openRedis(config.redisUrl, 'recorder', logger);
  const db = openDatabase(config.databaseUrl, 'runfleet recorder', logger, config.timings);
  const queues = new Queues(redis, logger);
  const counts: RecorderCounts = { recorded: 0, dropped: 0, unrecordable: 0, statements: 0 };
  const stopping = new AbortController();

  try {
    await firstContact(db, redis);
  } catch (error) {
    redis.disconnect();
    await db.destroy();
    throw error;
  }

  const record = coalesce(async (results: ResultPayload[]): Promise<RecordVerdict[]> => {
    const { verdicts, toDispatch } = await retryWhile(
      (error) => !isRejectedData(error) && !stopping.signal.aborted,
      () => {
        counts.statements += 1;
        return recordResults(db, results, config.timings);
      },
      (error) => logger.warn({ event: 'record_failed', results: results.length, error }),
    );
    // The sweep does this too, should it fail here.
    await queues
      .dispatch(toDispatch)
      .catch((error: unknown) =>
        logger.warn({ event: 'dispatch_failed', attempts: toDispatch.length, error }),
      );
    for (const verdict of verdicts) counts[verdict] += 1;
    return verdicts;
  }, config.batchSize);

  const consumer = new Worker(
    resultsQueueName,
    async (job: Job, token?: string) => {
      const result = resultPayloadSchema.parse(job.data);
      const { taskId, attempt, delivery, workerId } = result;
      const verdict = await record(result).catch(async (error: unknown) => {
        if (!stopping.signal.aborted) throw error;
        // Not a fault of the result: back to the queue with it, for the next recorder.
        await job.moveToWait(token);
        throw new WaitingError();
      });
      logger[verdict === 'recorded' ? 'info' : 'warn']({
        event: `outcome_${verdict}`,
        taskId,
        attempt,
        delivery,
        workerId,
      });
    },
    {
      connection: redis,
      prefix: queuePrefix,
      concurrency: config.batchSize,
      lockDuration: config.timings.leaseMs,
      stalledInterval: config.timings.leaseMs,
      // Recording twice is harmless, so a result whose recorder died is handed out again, as often as it takes.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      skipVersionCheck: true,
    },
  );
  consumer.on('error', (error) => logger.warn({ event: 'queue_error', error: error.message }));
  consumer.on('failed', (job, error) => {
    logger.error({ event: 'result_failed', jobId: job?.id, error: error.message });
  });
  await consumer.waitUntilReady();
  logger.info({ event: 'ready', batchSize: config.batchSize });

  let drained: Promise<void> | null = null;
  async function drain(): Promise<void> {
    logger.info({ event: 'draining' });
    const finished = consumer.close();
    await within(config.drainTimeoutMs, 'results in hand were not recorded', finished).catch(
      async (error: unknown) => {
        logger.warn({ event: 'drain_timeout', error });
        stopping.abort();
        // What does not get back to the queue now is handed out again when its lock has run out.
        await within(farewellMs, 'results in hand were not put back', finished).catch(() => {});
      },
    );
    stopping.abort();
    await queues.close().catch(() => {});
    redis.disconnect();
    await db.destroy();
    logger.info({ event: 'stopped', ...counts });
  }
  return {
    counts: () => ({ ...counts }),
    isAlive: () => drained !== null || consumer.isRunning(),
    stopTimeoutMs: config.drainTimeoutMs + 2 * farewellMs,
    drain: () => (drained ??= drain()),
  };
}
