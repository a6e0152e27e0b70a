import type { ExecutorReport } from './executor-main.ts';
import type { Quantiles } from './quantiles.ts';

/** The figures as a table for people. */
export function printExecutorReport(report: ExecutorReport): string {
  const lines = [`${report.at}  ${JSON.stringify(report.machine)}  Node ${report.node}`];
  for (const level of report.levels) {
    lines.push(
      '',
      `level ${level.level}`,
      row('bare spawn, wall', times(level.bareSpawn)),
      row('first output, warm', `${times(level.warmFirstOutput)}   ${level.warmRatio.toFixed(2)} × bare`),
      row('first output, cold', `${times(level.coldFirstOutput)}   ${level.coldRatio.toFixed(2)} × bare`),
      row('attempts a second', level.attemptsPerSecond.map((rate) => rate.toFixed(1)).join(' ')),
      row('bare spawns a second', level.barePerSecond.map((rate) => rate.toFixed(1)).join(' ')),
      row('ratio, median of pairs', level.throughputRatio.toFixed(2)),
      row('own CPU an attempt', `${level.ownCpuMsPerAttempt.toFixed(2)} ms`),
      row(
        'resident memory',
        `${level.residentMiB.first} → ${level.residentMiB.last} MiB, ${level.residentMiB.bytesPerAttempt} bytes an attempt`,
      ),
    );
  }
  for (const { level, reason } of report.missing) lines.push('', `level ${level}: ${reason}`);
  return lines.join('\n');
}

function row(what: string, value: string): string {
  return `  ${what.padEnd(24)}${value}`;
}

function times({ p50, p95, p99 }: Quantiles): string {
  return `p50 ${p50.toFixed(1)}  p95 ${p95.toFixed(1)}  p99 ${p99.toFixed(1)} ms`;
}
