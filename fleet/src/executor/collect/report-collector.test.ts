import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReportCollector } from './report-collector.ts';
import { noReport } from './report.ts';

const nonce = 'n'.repeat(32);
const error = { name: 'Error', message: 'm', stack: null, line: null, column: null };

function collect(...chunks: string[]) {
  const collector = new ReportCollector(nonce);
  for (const chunk of chunks) collector.add(Buffer.from(chunk));
  return collector.finish();
}

it('finds reports in any chunks, between anything else', () => {
  const channel = `half a line\n${nonce} {"kind":"running"}\nx\n${nonce} ${JSON.stringify({ kind: 'uncaught_error', error })}\n`;
  fc.assert(
    fc.property(fc.array(fc.nat(channel.length)), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), channel.length];
      const chunks = at.slice(1).map((end, index) => channel.slice(at[index], end));
      expect(collect(...chunks)).toEqual({
        ...noReport,
        running: true,
        error: { kind: 'uncaught_error', error },
      });
    }),
  );
});

it('keeps the first error', () => {
  const report = (message: string) =>
    `\n${nonce} ${JSON.stringify({ kind: 'uncaught_error', error: { ...error, message } })}\n`;
  expect(collect(report('a'), report('b')).error?.error.message).toBe('a');
});

it('takes nothing without the nonce for a report', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(collect(text, `\n${'m'.repeat(32)} {"kind":"running"}\n`)).toEqual(noReport);
    }),
  );
});

it('takes no JSON value for more than it is', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(collect(`\n${nonce} ${json}\n`)).toEqual(noReport);
    }),
  );
  expect(
    collect(`\n${nonce} {"kind":"syntax_error","error":{"name":1,"line":-1,"column":"2"}}\n`).error?.error,
  ).toEqual({
    ...error,
    name: '',
    message: '',
  });
});

it('keeps no more than its limit', () => {
  const flood = 'x'.repeat(1024 * 1024);
  expect(
    collect(
      `\n${nonce} {"kind":"running"}\n`,
      flood,
      `\n${nonce} {"kind":"setup_failed","message":"late"}\n`,
    ),
  ).toEqual({
    ...noReport,
    running: true,
  });
});
