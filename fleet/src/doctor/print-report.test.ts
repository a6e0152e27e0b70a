import { expect, test } from 'vitest';
import { failed, ok, warning } from './finding.ts';
import { reportLines, reportTable } from './print-report.ts';
import { worstOf, type Report } from './report.ts';

const findings = [
  ok('node', 'Node 24.1.0', 'the fleet runs on it'),
  warning('clock', '9000 ms behind', 'times mislead', 'timedatectl set-ntp true'),
  failed('redis', 'it said:\n\u001B[31mno\t!', 'nothing starts', 'start it'),
];
const report: Report = { status: worstOf(findings), version: '0.0.0', host: 'h', findings };

test('the table has a line for each finding, and then what mends it', () => {
  expect(reportTable(report)).toBe(
    [
      'ok       node   Node 24.1.0 → the fleet runs on it',
      'warning  clock  9000 ms behind → times mislead',
      'failed   redis  it said: [31mno ! → nothing starts',
      '',
      'To mend:',
      '  clock  timedatectl set-ntp true',
      '  redis  start it',
      '',
      'Something failed: the fleet does not work here as it is.',
    ].join('\n'),
  );
});

test('the table of a host that is well has nothing to mend', () => {
  expect(reportTable({ ...report, status: 'ok', findings: findings.slice(0, 1) })).toBe(
    'ok       node  Node 24.1.0 → the fleet runs on it\n\nEverything is as it should be.',
  );
});

test('what a server said breaks no line, and says nothing to the terminal', () => {
  expect(reportLines(report).split('\n')[2]).toBe(
    'failed\tredis\tit said: [31mno !\tnothing starts\tstart it',
  );
});

test('the worst finding is the status of the report', () => {
  expect(worstOf([])).toBe('ok');
  expect(worstOf(findings.slice(0, 1))).toBe('ok');
  expect(worstOf(findings.slice(0, 2))).toBe('warning');
  expect(worstOf(findings.toReversed())).toBe('failed');
});
