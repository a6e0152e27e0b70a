import { Command, Option } from 'commander';
import { createLogger, type LogLevel } from '../log.ts';
import { runRecorder, type RecorderConfig } from '../recorder/run-recorder.ts';
import {
  databaseUrlOption,
  drainTimeoutOption,
  logLevelOption,
  redisUrlOption,
  timingsOption,
  wholeNumber,
} from './options.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

type RecorderOptions = Omit<RecorderConfig, 'drainTimeoutMs'> & { drainTimeout: number; logLevel: LogLevel };

export const recorderCommand = new Command('recorder')
  .description(
    'take outcomes off the results queue and record them in Postgres, in batches; several at once are safe',
  )
  .addOption(redisUrlOption())
  .addOption(databaseUrlOption())
  .addOption(
    new Option('--batch-size <n>', 'results in hand at once, and so the most that one statement writes')
      .env('RUNFLEET_BATCH_SIZE')
      .default(32)
      .argParser(wholeNumber(1, 1000)),
  )
  .addOption(
    drainTimeoutOption(
      15,
      'how long results in hand may take to be recorded after SIGTERM before they are put back',
    ),
  )
  .addOption(timingsOption())
  .addOption(logLevelOption())
  .action(async ({ logLevel, drainTimeout, ...options }: RecorderOptions) => {
    const logger = createLogger('recorder', logLevel);
    const config = { ...options, drainTimeoutMs: drainTimeout };
    const recorder = await runRecorder(config, logger);
    const status = () => {
      const { recorded, dropped } = recorder.counts();
      return `${recorded} recorded, ${dropped} dropped`;
    };
    await untilToldToStop({ ...recorder, status }, logger);
  });
