import { freemem } from 'node:os';
import { Command, Option } from 'commander';
import { outputLimitBytes } from '@runfleet/shared/model/limits.ts';
import { limitPolicy } from '@runfleet/shared/decide/effective-limits.ts';
import type { LimitsRequest } from '@runfleet/shared/model/task-limits.ts';
import { workerIdPattern, workerTypePattern } from '@runfleet/shared/queue/contract.ts';
import { defaultPoolSize } from '../executor/pool/default-pool-size.ts';
import { createLogger, type LogLevel } from '../log.ts';
import { runWorker, type WorkerConfig } from '../worker/run-worker.ts';
import {
  allowWriteOption,
  concurrencyOption,
  databaseUrlOption,
  drainTimeoutOption,
  isolationOption,
  limits,
  logLevelOption,
  matching,
  poolOption,
  redisUrlOption,
  timingsOption,
  wholeNumber,
  workDirOption,
} from './options.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

type WorkerOptions = Omit<WorkerConfig, 'drainTimeoutMs' | 'outputLimitBytes' | 'poolSize' | 'limits'> & {
  pool: number | null;
  limits: LimitsRequest;
  maxLimits: LimitsRequest;
  drainTimeout: number;
  outputLimit: number;
  logLevel: LogLevel;
};

export const workerCommand = new Command('worker')
  .description('take tasks of one type, run each in a child process of its own, push the outcomes')
  .addOption(
    new Option('--id <id>', "this worker's id; no two may run under one")
      .env('RUNFLEET_WORKER_ID')
      .makeOptionMandatory()
      .argParser(
        matching(workerIdPattern, '1 to 64 letters, digits, ".", "_" or "-", the first a letter or a digit'),
      ),
  )
  .addOption(
    new Option('--type <type>', 'the kind of tasks to take')
      .env('RUNFLEET_TYPE')
      .default('javascript')
      .argParser(
        matching(workerTypePattern, 'lowercase letters, digits or "-", at most 32, the first a letter'),
      ),
  )
  .addOption(concurrencyOption())
  .addOption(redisUrlOption())
  .addOption(databaseUrlOption())
  .addOption(workDirOption())
  .addOption(isolationOption())
  .addOption(allowWriteOption())
  .addOption(poolOption())
  .addOption(
    new Option(
      '--limits <json>',
      'what a task may use that asks for nothing, where it differs from the defaults',
    )
      .env('RUNFLEET_LIMITS')
      .default(
        {},
        'memoryBytes 256 MiB, outputBytes and diskBytes 64 MiB, inodes 10000, openFiles 256, threads 64',
      )
      .argParser(limits),
  )
  .addOption(
    new Option('--max-limits <json>', 'what a task may ask for at most; more is cut to it')
      .env('RUNFLEET_MAX_LIMITS')
      .default(
        {},
        'cpu 600 s, memoryBytes 2 GiB, outputBytes and diskBytes 1 GiB, inodes 100000, openFiles 4096, threads 256',
      )
      .argParser(limits),
  )
  .addOption(
    new Option('--output-limit <bytes>', 'kept of stdout and of stderr, each')
      .env('RUNFLEET_OUTPUT_LIMIT')
      .default(outputLimitBytes)
      .argParser(wholeNumber(1024, 4 * 1024 * 1024)),
  )
  .addOption(
    drainTimeoutOption(60, 'how long running tasks may go on after SIGTERM before they are given back'),
  )
  .addOption(timingsOption())
  .addOption(logLevelOption())
  .addHelpText(
    'after',
    `
SIGTERM or SIGINT drains: no new tasks, running ones finish, outcomes are pushed, exit 0. A second signal ends at once.`,
  )
  .action(
    async ({
      drainTimeout,
      outputLimit,
      pool,
      limits: given,
      maxLimits: most,
      logLevel,
      ...options
    }: WorkerOptions) => {
      const config = {
        ...options,
        poolSize: pool ?? defaultPoolSize(options.concurrency, freemem()),
        limits: limitPolicy(given, most),
        drainTimeoutMs: drainTimeout,
        outputLimitBytes: outputLimit,
      };
      const logger = createLogger('worker', logLevel, { workerId: config.id });
      const worker = await runWorker(config, logger);
      await untilToldToStop(worker, logger, worker.replaced);
    },
  );
