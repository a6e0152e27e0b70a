import { freemem } from 'node:os';
import { Command } from 'commander';
import { defaultPoolSize } from '../executor/pool/default-pool-size.ts';
import { examine } from '../doctor/examine.ts';
import type { WorkerPlan } from '../doctor/plan.ts';
import { reportLines, reportTable } from '../doctor/print-report.ts';
import type { Report } from '../doctor/report.ts';
import { prefixOption } from './install.ts';
import {
  concurrencyOption,
  databaseUrlOption,
  isolationOption,
  poolOption,
  redisUrlOption,
  workDirOption,
} from './options.ts';

type DoctorOptions = Omit<WorkerPlan, 'poolSize'> & {
  pool: number | null;
  redisUrl: string;
  databaseUrl: string;
  prefix: string;
  json?: true;
};

export const doctorCommand = new Command('doctor')
  .description(
    'check this host, Redis and Postgres for a worker with these settings, and say what mends them',
  )
  .addOption(redisUrlOption())
  .addOption(databaseUrlOption())
  .addOption(isolationOption())
  .addOption(workDirOption())
  .addOption(concurrencyOption())
  .addOption(poolOption())
  .addOption(prefixOption())
  .option('--json', 'as JSON')
  .addHelpText(
    'after',
    `
A table on a terminal; elsewhere, a line for each finding: status, item, found, means and remedy, with tabs between them.
The exit code is 1 when something has failed, 0 otherwise; warnings are no failures.
Run it as the worker's user and with the worker's environment. It changes nothing, and shows no secret.`,
  )
  .action(async ({ redisUrl, databaseUrl, prefix, json, pool, ...plan }: DoctorOptions) => {
    const report = await examine({
      redisUrl,
      databaseUrl,
      prefix,
      plan: { ...plan, poolSize: pool ?? defaultPoolSize(plan.concurrency, freemem()) },
    });
    console.log(print(report, json === true));
    process.exitCode = report.status === 'failed' ? 1 : 0;
  });

function print(report: Report, asJson: boolean): string {
  if (asJson) return JSON.stringify(report, null, 2);
  return process.stdout.isTTY ? reportTable(report) : reportLines(report);
}
