import type { Latency, Stage } from './latency.ts';
import type { Report } from './report.ts';

const stages: [Stage, string][] = [
  ['acceptedMs', 'POST begun → 202 read'],
  ['queuedMs', '  inserted → claimed'],
  ['ranMs', '  the code handed over → its end '],
  ['recordedMs', 'POST begun → recorded'],
  ['seenMs', 'POST begun → seen by a reader'],
];

/** The report as text. */
export function printReport(report: Report): string {
  const { machine, versions, latency, throughput, requests, atRest, memory } = report;
  const clients = `${throughput.clients} clients`;
  return [
    `Runfleet bench, ${report.at}${report.quick ? ', --quick: too short for figures worth keeping' : ''}`,
    `machine   ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}`,
    `          load average before the start: ${machine.loadBefore.toFixed(2)}`,
    `versions  node ${versions.node}, postgres ${versions.postgres}, redis ${versions.redis}, ` +
      `bullmq ${versions.bullmq}, workerd ${versions.workerd}`,
    `commit    ${versions.commit ?? 'unknown'}`,
    `stack     durable (fsync; AOF every second), one worker with concurrency ${throughput.childrenAtOnce}, ` +
      'one recorder, no cron; all on this machine',
    '',
    ...latencyTable(`Latency, one task at a time (n = ${latency.idle.seenMs.n})`, latency.idle),
    '',
    ...latencyTable(`Latency under load, ${clients} (n = ${latency.underLoad.seenMs.n})`, latency.underLoad),
    '',
    'Throughput of console.log(2+2), tasks/s, blocks in turns',
    row(
      'Runfleet',
      34,
      ...throughput.runfleet.map(fixed(1)),
      `median ${throughput.runfleetMedian.toFixed(1)}`,
    ),
    row(
      "bare spawn('node', [file])",
      34,
      ...throughput.bareSpawn.map(fixed(1)),
      `median ${throughput.bareSpawnMedian.toFixed(1)}`,
    ),
    row('Runfleet / bare spawn', 34, throughput.ratio.toFixed(2)),
    '',
    row('For each task', 34, 'one at a time', 'under load'),
    ...(['edge', 'worker', 'recorder'] as const).flatMap((part) => [
      perTask(`${part} → Postgres, statements`, report, ({ postgresStatements }) => postgresStatements[part]),
      perTask(`${part} → Redis, commands`, report, ({ redisCommands }) => redisCommands[part]),
    ]),
    perTask("inside Redis' scripts, commands", report, ({ insideRedisScripts }) => insideRedisScripts),
    `(${requests.oneAtATime.tasks} and ${requests.underLoad.tasks} tasks)`,
    '',
    `At rest, commands a minute to Redis: worker ${atRest.worker.toFixed(1)}, recorder ${atRest.recorder.toFixed(1)}`,
    '',
    row('Resident memory, MiB', 34, 'at rest', 'load, median', 'load, max'),
    ...memory.map(({ part, atRest: rest, underLoadMedian, underLoadMax }) =>
      row(part, 34, rest.toFixed(0), underLoadMedian.toFixed(0), underLoadMax.toFixed(0)),
    ),
  ].join('\n');
}

function latencyTable(title: string, latency: Latency): string[] {
  return [
    row(`${title}, ms`, 52, 'p50', 'p95', 'p99'),
    ...stages.map(([stage, words]) => {
      const { p50, p95, p99 } = latency[stage];
      return row(words, 52, p50.toFixed(1), p95.toFixed(1), p99.toFixed(1));
    }),
  ];
}

function perTask(
  words: string,
  { requests }: Report,
  read: (counts: Report['requests']['underLoad']) => number,
): string {
  return row(words, 34, read(requests.oneAtATime).toFixed(2), read(requests.underLoad).toFixed(2));
}

function row(words: string, width: number, ...cells: string[]): string {
  return words.padEnd(width) + cells.map((cell) => cell.padStart(14)).join('');
}

function fixed(digits: number): (value: number) => string {
  return (value) => value.toFixed(digits);
}
