import { readFileSync } from 'node:fs';
import { errorCatalogue } from '@runfleet/shared/errors.ts';
import { expect, it } from 'vitest';

interface Entry {
  status: number;
  title: string;
  remedy: string;
}

/** The entries of docs/errors.md: a heading for each code, a line with status and title, and the remedy. */
function readDocument(): Record<string, Entry & { example: Record<string, unknown> }> {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const sections = text.split(/^### /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const [, code = ''] = /^`(\w+)`\n/.exec(section) ?? [];
      const [, status, title = ''] = /^\*\*(\d{3})\*\* · (.+)$/m.exec(section) ?? [];
      const [, remedy = ''] = /^What to do: (.+)$/m.exec(section) ?? [];
      const [, example = 'null'] = /^```json\n([\s\S]+?)^```$/m.exec(section) ?? [];
      return [
        code,
        { status: Number(status), title, remedy, example: JSON.parse(example) as Record<string, unknown> },
      ];
    }),
  );
}

const documented = readDocument();

it('documents every error of the catalogue, and none that is not there, as it is', () => {
  const entries = Object.entries(documented).map(([code, { status, title, remedy }]) => [
    code,
    { status, title, remedy },
  ]);
  expect(Object.fromEntries(entries)).toEqual(errorCatalogue);
});

it.each(Object.entries(documented))(
  'shows an example of %s that says the same',
  (code, { example, ...entry }) => {
    expect(example).toMatchObject({
      ...entry,
      type: `urn:runfleet:error:${code}`,
      code,
      requestId: expect.any(String),
    });
  },
);
