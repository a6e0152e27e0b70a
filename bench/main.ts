import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fullPlan, quickPlan } from './plan.ts';
import { printReport } from './print-report.ts';
import { runBench } from './run-bench.ts';

const usage = `Usage: npm run bench -- [--quick] [--json]

Starts a local stack of its own on free ports, measures it, stops it, prints a table, and writes the same as JSON to
bench/results/<time>.json. It takes about four minutes. Figures to keep need a machine with nothing else to do.

  --quick   under a minute, for a look
  --json    print the JSON instead of the table
  --help    this text

What is measured:
  latency      one task at a time, and under load: each of 4 × cores clients submits its next task when its last one is
               recorded. "Recorded" is tasks.ended_at, the begin of the recording statement, against the client's begin
               of the POST: one machine, one wall clock, to the millisecond. "Seen" is when another connection reads the
               committed row, and late by up to 2 ms (10 ms under load), for so often it looks.
  throughput   tasks recorded a second under that load, one worker with a concurrency of one for each core, in turns with
               spawn('node', [file]) as many at once, and the ratio of each pair.
  requests     statements from Postgres' own log, commands from Redis' MONITOR, by who sent them, for each task.
  memory       resident memory of worker, recorder and gateway, without the children that run tasks.`;

function readOptions(): { quick: boolean; json: boolean; help: boolean } {
  const boolean = { type: 'boolean', default: false } as const;
  return parseArgs({ options: { quick: boolean, json: boolean, help: { ...boolean, short: 'h' } } }).values;
}

async function main(): Promise<void> {
  const { quick, json, help } = readOptions();
  if (help) return console.log(usage);

  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const report = await runBench(quick ? quickPlan : fullPlan, quick, stop.signal, (line) =>
    console.error(`bench: ${line}`),
  );
  const results = fileURLToPath(new URL('results/', import.meta.url));
  mkdirSync(results, { recursive: true });
  const text = JSON.stringify(report, null, 2);
  const file = `${results}${report.at.replaceAll(':', '-')}.json`;
  writeFileSync(file, `${text}\n`);
  console.log(json ? text : `${printReport(report)}\n\nwritten to ${file}`);
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
// Whatever keeps the event loop alive by now is not ours to wait for.
process.exit();
