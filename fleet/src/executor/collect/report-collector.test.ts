import fc from 'fast-check';
import { valueLimitBytes } from '@runfleet/shared/model/limits.ts';
import { expect, it } from 'vitest';
import { ReportCollector } from './report-collector.ts';
import { noReport } from './report.ts';

const nonce = 'n'.repeat(32);
const error = {
  name: 'Error',
  message: 'm',
  stack: null,
  line: null,
  column: null,
  located: true,
  cause: null,
};
const exiting = { code: 0, cpuMs: 1.5, memoryPeakBytes: 1024 };

/** As the bootstrap sends it. */
function line(message: object): string {
  return `\n${nonce} ${JSON.stringify(message)}\n`;
}

function collect(...chunks: string[]) {
  const collector = new ReportCollector(nonce);
  for (const chunk of chunks) collector.add(Buffer.from(chunk));
  return collector.finish();
}

it('finds reports in any chunks, between anything else', () => {
  const channel = `half a line${line({ kind: 'running' })}x${line({ kind: 'uncaught_error', error, memory: true })}\n\n${line({ kind: 'value', value: { json: '{"a":1}' } })}${line({ kind: 'exiting', ...exiting })}${nonce}`;
  fc.assert(
    fc.property(fc.array(fc.nat(channel.length)), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), channel.length];
      const chunks = at.slice(1).map((end, index) => channel.slice(at[index], end));
      expect(collect(...chunks)).toEqual({
        ...noReport,
        running: true,
        error: { kind: 'uncaught_error', error, memory: true },
        value: { json: '{"a":1}' },
        exiting,
      });
    }),
  );
});

it('keeps the first error and the first value, and the last word on the exit', () => {
  const report = (message: string, code: number) =>
    line({ kind: 'uncaught_error', error: { ...error, message } }) +
    line({ kind: 'value', value: { note: message } }) +
    line({ kind: 'exiting', ...exiting, code });
  expect(collect(report('a', 1), report('b', 2))).toMatchObject({
    error: { error: { message: 'a' } },
    value: { note: 'a' },
    exiting: { code: 2 },
  });
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

it('takes no value that is not JSON, and no figure that is none', () => {
  const odd = { code: '7', cpuMs: -1, memoryPeakBytes: 0.5 };
  const { value, exiting: figures } = collect(
    line({ kind: 'value', value: { json: '{"a":' } }) + line({ kind: 'exiting', ...odd }),
  );
  expect(value).toBeNull();
  expect(figures).toEqual({ code: 0, cpuMs: null, memoryPeakBytes: null });
});

it('has room for the longest value and the longest error', () => {
  const json = JSON.stringify('"\\'.repeat(valueLimitBytes / 4 - 1));
  const long = (share: number): object => ({
    ...error,
    name: '\0'.repeat(1024),
    message: '\0'.repeat((16 * 1024) / share),
    stack: '\0'.repeat((32 * 1024) / share),
  });
  const causes = [1, 2, 3, 4].reduce<object | null>((cause) => ({ ...long(4), cause }), null);
  const report = collect(
    line({ kind: 'value', value: { json } }) +
      line({ kind: 'uncaught_error', error: { ...long(1), cause: causes } }),
  );
  expect(report.value).toEqual({ json });
  expect(report.error?.error.cause?.cause?.cause?.cause?.stack).toHaveLength(8 * 1024);
});

it('loses no report to a flood, and none of it is kept', () => {
  const flood = 'x'.repeat(1024 * 1024);
  const report = collect(
    line({ kind: 'running' }),
    ...Array.from({ length: 50 }, () => flood),
    `\n${nonce} ${flood}`,
    line({ kind: 'exiting', ...exiting }),
  );
  expect(report).toEqual({ ...noReport, running: true, exiting });
});
