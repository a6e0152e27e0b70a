import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { outputLimitBytes } from '@runfleet/shared/model/limits.ts';
import { workerIdPattern, workerTypePattern } from '@runfleet/shared/queue/contract.ts';
import { createLogger, type LogLevel } from '../log.ts';
import { runWorker, type WorkerConfig } from '../worker/run-worker.ts';
import {
  databaseUrlOption,
  logLevelOption,
  matching,
  redisUrlOption,
  secondsAsMs,
  wholeNumber,
} from './options.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

type WorkerOptions = Omit<WorkerConfig, 'drainTimeoutMs' | 'outputLimitBytes'> & {
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
  .addOption(
    new Option('--concurrency <n>', 'tasks at once')
      .env('RUNFLEET_CONCURRENCY')
      .default(availableParallelism(), 'one for each processor')
      .argParser(wholeNumber(1, 1000)),
  )
  .addOption(redisUrlOption())
  .addOption(databaseUrlOption())
  .addOption(
    new Option('--work-dir <path>', "where attempts get their directories, below one of this worker's own")
      .env('RUNFLEET_WORK_DIR')
      .default(join(tmpdir(), 'runfleet'))
      .argParser((path) => resolve(path)),
  )
  .addOption(
    new Option('--output-limit <bytes>', 'kept of stdout and of stderr, each')
      .env('RUNFLEET_OUTPUT_LIMIT')
      .default(outputLimitBytes)
      .argParser(wholeNumber(1024, 4 * 1024 * 1024)),
  )
  .addOption(
    new Option(
      '--drain-timeout <seconds>',
      'how long running tasks may go on after SIGTERM before they are given back',
    )
      .env('RUNFLEET_DRAIN_TIMEOUT')
      .default(60_000, '60')
      .argParser(secondsAsMs(0, 3600)),
  )
  .addOption(logLevelOption())
  .addHelpText(
    'after',
    `
SIGTERM or SIGINT drains: no new tasks, running ones finish, outcomes are pushed, exit 0. A second signal ends at once.`,
  )
  .action(async ({ drainTimeout, outputLimit, logLevel, ...options }: WorkerOptions) => {
    const config = { ...options, drainTimeoutMs: drainTimeout, outputLimitBytes: outputLimit };
    const logger = createLogger('worker', logLevel, { workerId: config.id });
    const worker = await runWorker(config, logger);
    await untilToldToStop(worker, logger, worker.replaced);
  });
