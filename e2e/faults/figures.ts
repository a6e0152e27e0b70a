import type { Verdict } from './check/check.ts';
import { recoveries } from './check/recoveries.ts';
import type { History } from './history/history.ts';
import { recoveryBoundMs } from './timings.ts';

export interface Circumstances {
  seed: string;
  minutes: number;
  perSecond: number;
  isolation: string;
  /** Kinds of fault that had no turn. */
  missed: readonly string[];
}

/** The page that says what a campaign has done and seen. */
export function figurePage(
  history: History,
  verdicts: readonly Verdict[],
  { seed, minutes, perSecond, isolation, missed }: Circumstances,
): string {
  const { sent, answers, tasks, attempts, executions, faults, kills } = history;
  const outcomes = countBy(attempts, ({ outcome }) => outcome ?? 'none');
  const kinds = countBy(sent, ({ kind }) => kind);
  const answered = countBy(answers, ({ kind }) => kind);
  const replayed = answers.filter((answer) => answer.kind === 'ok' && !answer.fresh).length;
  const times = recoveries(history)
    .flatMap(({ afterFaultMs }) => afterFaultMs ?? [])
    .toSorted((one, other) => one - other);
  const longest = Math.max(0, ...recoveries(history).map(({ calmMs }) => calmMs));
  const rows: [string, string][] = [
    ['seed', `${seed}, ${minutes} minutes, isolation ${isolation}`],
    ['tasks', `${tasks.length} (${listed(kinds)})`],
    ['rate', `${perSecond} a second were sent`],
    [
      'requests',
      `${answers.length}: ${answered.get('ok') ?? 0} acknowledged, ${replayed} of them replayed; ` +
        `${answered.get('unknown') ?? 0} unknown, ${answered.get('fail') ?? 0} refused`,
    ],
    ['faults', `${faults.length} (${listed(countBy(faults, ({ name }) => name))})`],
    ...(missed.length === 0 ? [] : [['no turn for', missed.join(', ')] satisfies [string, string]]),
    ['poison', `${kills.length} workers killed by it`],
    ['executions', `${executions.length}, by the ledger`],
    [
      'attempts',
      `${attempts.length} claimed, ${outcomes.get('lost') ?? 0} lost, ${outcomes.get('given_back') ?? 0} given back`,
    ],
    ['late outcomes', `${outcomes.get('late') ?? 0}, dropped`],
    [
      'recovery',
      `p50 ${seconds(quantile(times, 0.5))}, p99 ${seconds(quantile(times, 0.99))}, max ${seconds(times.at(-1) ?? 0)} ` +
        `after the last fault that a task met (${times.length} tasks)`,
    ],
    [
      'slowest task',
      `${seconds(longest)} beside the faults that it met; ${seconds(recoveryBoundMs)} are allowed`,
    ],
    ['heal', `all had ended ${seconds(history.endedAtMs - history.healedAtMs)} after the last fault`],
    ['violations', String(verdicts.reduce((sum, { violations }) => sum + violations.length, 0))],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, text]) => `${name.padEnd(width)}${wrap(text, width)}`).join('\n');
}

/** What does not hold, with at most this many lines for each invariant. */
export function violationPage(verdicts: readonly Verdict[], most = 10): string {
  return verdicts
    .map(({ invariant, violations }) => {
      const more = violations.length > most ? [`  … and ${violations.length - most} more`] : [];
      return [
        `${invariant}: ${violations.length}`,
        ...violations.slice(0, most).map((line) => `  ${line}`),
        ...more,
      ].join('\n');
    })
    .join('\n');
}

function countBy<T>(list: readonly T[], nameOf: (item: T) => string): Map<string, number> {
  return new Map([...Map.groupBy(list, nameOf)].map(([name, items]) => [name, items.length]));
}

function listed(counts: Map<string, number>): string {
  return [...counts]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function wrap(text: string, indent: number, width = 100): string {
  let column = 0;
  return text
    .split(' ')
    .map((word) => {
      if (column > 0 && column + 1 + word.length > width) {
        column = word.length;
        return `\n${' '.repeat(indent)}${word}`;
      }
      const spaced = column === 0 ? word : ` ${word}`;
      column += spaced.length;
      return spaced;
    })
    .join('');
}
