import fc from 'fast-check';
import { join, normalize } from 'node:path/posix';
import { expect, test } from 'vitest';
import { findPathConflicts, whyNotFilePath } from './file-path.ts';
import { fileNameLimitBytes, filePathLimitBytes } from './limits.ts';

const name = (bytes: number) => 'n'.repeat(bytes);
/** A path of exactly so many bytes, none of its parts too long. */
const pathOf = (bytes: number) => `${`${name(199)}/`.repeat(5)}${name(bytes - 1000)}`;

test.each([
  'a', '.hidden', '..a', 'a..', '...', 'a/b/c.json', 'data/main.cjs', 'Main.cjs', 'main.js', 'main.cjs.txt',
  'with space', ' ', '~', '-rf', 'ünï/日本語/🎉', 'a:b', '%2e%2e', '__proto__', 'node_modules/x/index.js', 'package.json',
])('%j is a path', (path) => {
  expect(whyNotFilePath(path)).toBeNull();
}); // prettier-ignore

test.each([
  '', '/', '/etc/passwd', 'a/', 'a//b', '//a', '.', './a', 'a/.', 'a/./b', '..', '../a', 'a/..', 'a/../../b',
  'a\\b', '..\\a', 'C:\\a', 'a\0', 'a\nb', '\u001b[31m', 'a\u007f', 'a\u0085b', '\ud800', 'a/\udc00',
  'main.cjs', 'main.mjs', 'main.cjs/x', 'main.mjs/x',
])('%j is not', (path) => {
  expect(whyNotFilePath(path)).toEqual(expect.any(String));
}); // prettier-ignore

test('a part of a path fits under and at its limit, and not over it, in bytes', () => {
  expect(whyNotFilePath(name(fileNameLimitBytes - 1))).toBeNull();
  expect(whyNotFilePath(`a/${name(fileNameLimitBytes)}/b`)).toBeNull();
  expect(whyNotFilePath(`a/${name(fileNameLimitBytes + 1)}/b`)).toMatch(/255/);
  expect(whyNotFilePath('€'.repeat(fileNameLimitBytes / 3))).toBeNull();
  expect(whyNotFilePath('€'.repeat(fileNameLimitBytes / 3 + 1))).toMatch(/255/);
});

test('a path fits under and at its limit, and not over it, in bytes', () => {
  expect(whyNotFilePath(pathOf(filePathLimitBytes - 1))).toBeNull();
  expect(whyNotFilePath(pathOf(filePathLimitBytes))).toBeNull();
  expect(whyNotFilePath(pathOf(filePathLimitBytes + 1))).toMatch(/1024/);
});

test('what is accepted stays below its directory, and is the path that it says', () => {
  const part = fc.oneof(
    fc.constantFrom('..', '.', '', 'a', 'main.cjs', 'b\\c'),
    fc.string({ unit: 'grapheme' }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const path = parts.join('/');
      fc.pre(whyNotFilePath(path) === null);
      expect(normalize(path)).toBe(path);
      expect(join('/task', path)).toBe(`/task/${path}`);
    }),
  );
});

test('two files of one path, and one below another, stand in each other’s way', () => {
  expect(findPathConflicts(['a', 'b', 'c/d', 'c/e', 'ab/c'])).toEqual([]);
  expect(findPathConflicts(['a', 'b', 'a'])).toMatchObject([{ index: 2 }]);
  expect(findPathConflicts(['a/b/c', 'a', 'd'])).toMatchObject([{ index: 0 }]);
  expect(findPathConflicts(['a', 'a/b', 'a/b/c'])).toMatchObject([{ index: 1 }, { index: 2 }]);
});

test('without a conflict, all of the files can be written, in any order', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
    .map((of) => of.join('/'));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 6 }), (paths) => {
      const standBeside = paths.every((one, index) =>
        paths.every((other, at) => at === index || (one !== other && !one.startsWith(`${other}/`))),
      );
      expect(findPathConflicts(paths).length === 0).toBe(standBeside);
    }),
  );
});
