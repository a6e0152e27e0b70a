import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createFaults } from '../faults/all-faults.ts';
import { mutants } from './all-mutants.ts';
import { replaceOnce } from './mutant.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test.for(mutants.map((mutant) => [mutant.name, mutant] as const))(
  'mutant %s fits the program',
  ([, mutant]) => {
    for (const { file, text, by } of mutant.replacements) {
      const source = readFileSync(root + file, 'utf8');
      expect(replaceOnce(source, text, by, file)).not.toBe(source);
    }
    const known = createFaults().map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining([...mutant.faults]));
  },
);

test('a text that is missing, or there twice, makes a mutant stale', () => {
  expect(() => replaceOnce('a b', 'c', 'd', 'file')).toThrow('stale');
  expect(() => replaceOnce('a a', 'a', 'd', 'file')).toThrow('2 times');
  expect(replaceOnce('a b', 'b', '$&', 'file')).toBe('a $&');
});
