import type { Finding } from './finding.ts';
import type { Report } from './report.ts';

/** For people: one line a finding in columns, and then what mends those that are not ok. */
export function reportTable({ findings, status }: Report): string {
  const itemWidth = Math.max(...findings.map(({ item }) => item.length));
  const line = ({ status: its, item, found, means }: Finding) =>
    `${its.padEnd(7)}  ${item.padEnd(itemWidth)}  ${oneLine(found)} → ${oneLine(means)}`;
  const remedies = findings.flatMap(({ item, remedy }) =>
    remedy === null ? [] : [`  ${item.padEnd(itemWidth)}  ${oneLine(remedy)}`],
  );
  return [
    ...findings.map(line),
    ...(remedies.length === 0 ? [] : ['', 'To mend:', ...remedies]),
    '',
    verdicts[status],
  ].join('\n');
}

/** For programs that read lines: status, item, found, means and remedy, with tabs between them. */
export function reportLines({ findings }: Report): string {
  return findings
    .map(({ status, item, found, means, remedy }) =>
      [status, item, found, means, remedy ?? ''].map(oneLine).join('\t'),
    )
    .join('\n');
}

const verdicts = {
  ok: 'Everything is as it should be.',
  warning: 'Nothing failed, but there are warnings.',
  failed: 'Something failed: the fleet does not work here as it is.',
} as const;

/** What a server or a command said may have several lines, and words for the terminal. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
