import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { overlap, refuseAllowedPath } from './allowed-path.ts';
import { bootstrapDirectory } from './node-command.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'runfleet-allowed-')));
afterAll(() => rmSync(base, { recursive: true }));
const file = join(base, 'ledger');
writeFileSync(file, '');
mkdirSync(join(base, 'directory'));
symlinkSync(file, join(base, 'link'));

it.each([
  ['a file', file, null],
  ['a directory', join(base, 'directory'), null],
  ['a relative path', 'ledger', 'it must be absolute'],
  ['nothing', join(base, 'none'), 'there is no such file or directory'],
  ['a link', join(base, 'link'), `it must be the place itself, which is ${file}`],
  ['a way around', `${base}/directory/../ledger`, `it must be the place itself, which is ${file}`],
  ['a pattern', `${base}/*`, 'it must not contain "*"'],
  ['a device', '/dev/null', 'it must be a file or a directory'],
  ['everything', '/', 'the sandbox has something of its own there'],
  ['the sandbox’s own', '/proc/self/task', expect.any(String)],
  ['the bootstrap', bootstrapDirectory, 'the code that stands around each task is there'],
  [
    'what holds the bootstrap',
    join(bootstrapDirectory, '../..'),
    'the code that stands around each task is there',
  ],
])('%s', (_, path, refusal) => {
  expect(refuseAllowedPath(path)).toEqual(refusal);
});

it('knows what is in what', () => {
  expect(overlap('/a/b', '/a')).toBe(true);
  expect(overlap('/a', '/a/b')).toBe(true);
  expect(overlap('/a', '/a')).toBe(true);
  expect(overlap('/', '/a')).toBe(true);
  expect(overlap('/ab', '/a')).toBe(false);
});
