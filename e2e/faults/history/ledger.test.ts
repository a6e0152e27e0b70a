import { expect, test } from 'vitest';
import { toExecutions } from './ledger.ts';

test('lines become executions, whatever order they were written in', () => {
  const lines = [
    'slow-1 1 a start 100',
    'quick-2 1 b start 110',
    'slow-1 1 a alive 300',
    'quick-2 1 b end 115',
    'slow-1 2 c start 900',
    'slow-1 2 c end 1200',
    '',
  ];
  expect(toExecutions(lines.join('\n'))).toEqual([
    { key: 'slow-1', attempt: 1, id: 'a', startedAtMs: 100, lastSeenAtMs: 300, ended: false },
    { key: 'quick-2', attempt: 1, id: 'b', startedAtMs: 110, lastSeenAtMs: 115, ended: true },
    { key: 'slow-1', attempt: 2, id: 'c', startedAtMs: 900, lastSeenAtMs: 1200, ended: true },
  ]);
  expect(toExecutions('')).toEqual([]);
});
