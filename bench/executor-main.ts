import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireIsolation } from '@runfleet/fleet/executor/isolation/require-isolation.ts';
import { isolationLevels, type IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { readMachine } from './machine.ts';
import { measureExecutor, type ExecutorFigures } from './measure-executor.ts';
import { printExecutorReport } from './print-executor-report.ts';

const usage = `Usage: npm run bench:executor -- [--quick] [--json]

Measures the executor alone, without queue and database, at each isolation level that this host has, in turns with
spawn('node', [file]). It prints a table and writes the same as JSON to bench/results/executor-<time>.json.

  --quick   about a minute, for a look
  --json    print the JSON instead of the table
  --help    this text

What is measured:
  first output   from the call of run() to the moment the code's first statement reads the clock, one attempt at a time:
                 with a child that waits in the pool, and with none; beside the whole wall time of a bare spawn.
  throughput     attempts a second, as many at once as there are cores, and the ratio to the bare loop of each pair.
  own CPU        of this process, which does what a worker does for an attempt, for each attempt.
  memory         resident memory of this process over many attempts, and its slope.`;

const full = { latencyRounds: 100, pairs: 5, blockMs: 6_000, memoryAttempts: 10_000 };
const quick = { latencyRounds: 30, pairs: 3, blockMs: 2_000, memoryAttempts: 300 };

export interface ExecutorReport {
  at: string;
  machine: ReturnType<typeof readMachine>;
  node: string;
  levels: ExecutorFigures[];
  /** Levels that this host does not have, and why. */
  missing: { level: IsolationLevel; reason: string }[];
}

async function main(): Promise<void> {
  const boolean = { type: 'boolean', default: false } as const;
  const options = parseArgs({
    options: { quick: boolean, json: boolean, help: { ...boolean, short: 'h' } },
  }).values;
  if (options.help) return console.log(usage);

  const report: ExecutorReport = {
    at: new Date().toISOString(),
    machine: readMachine(),
    node: process.version,
    levels: [],
    missing: [],
  };
  const folder = mkdtempSync(join(tmpdir(), 'runfleet-bench-'));
  try {
    for (const level of isolationLevels) {
      try {
        const isolation = await requireIsolation(level);
        console.error(`bench: level ${level}`);
        report.levels.push(await measureExecutor(isolation, folder, options.quick ? quick : full));
      } catch (error) {
        report.missing.push({ level, reason: error instanceof Error ? error.message : String(error) });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const results = fileURLToPath(new URL('results/', import.meta.url));
  mkdirSync(results, { recursive: true });
  const text = JSON.stringify(report, null, 2);
  const file = `${results}executor-${report.at.replaceAll(':', '-')}.json`;
  writeFileSync(file, `${text}\n`);
  console.log(options.json ? text : `${printExecutorReport(report)}\n\nwritten to ${file}`);
}

await main();
process.exit();
