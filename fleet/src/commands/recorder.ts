import { Command, Option } from 'commander';
import { createLogger, type LogLevel } from '../log.ts';
import { runRecorder, type RecorderConfig } from '../recorder/run-recorder.ts';
import { databaseUrlOption, logLevelOption, redisUrlOption, wholeNumber } from './options.ts';
import { untilToldToStop } from './until-told-to-stop.ts';

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
  .addOption(logLevelOption())
  .action(async ({ logLevel, ...config }: RecorderConfig & { logLevel: LogLevel }) => {
    const logger = createLogger('recorder', logLevel);
    await untilToldToStop(await runRecorder(config, logger), logger);
  });
