import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isolationLevels } from '@runfleet/shared/model/outcome.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { requireIsolation } from './isolation/require-isolation.ts';
import { executorUnderTest } from './testing/executor-under-test.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'runfleet-allow-write-')));
afterAll(() => rmSync(base, { recursive: true }));
const ledger = join(base, 'ledger');
const beside = join(base, 'beside');
const directory = join(base, 'directory');
const writable = [ledger, directory];

writeFileSync(ledger, 'before\n');
writeFileSync(beside, 'kept');
mkdirSync(directory);

for (const level of isolationLevels) {
  const isolation = await requireIsolation(level, writable).catch(() => null);
  describe.skipIf(isolation === null)(`paths that a task may write to, at ${level}`, () => {
    const under = executorUnderTest(isolation === null ? {} : { isolation });

    it('are written to by each task, and nothing beside them is', async () => {
      const outcomes = await Promise.all(
        [1, 2, 3].map((n) =>
          under.run(`
          const fs = require('node:fs');
          fs.appendFileSync(${JSON.stringify(ledger)}, '${n}\\n');
          fs.writeFileSync(${JSON.stringify(directory)} + '/${n}', 'x');
          const tries = {
            beside: () => fs.appendFileSync(${JSON.stringify(beside)}, 'x'),
            another: () => fs.writeFileSync(${JSON.stringify(join(base, 'new'))}, 'x'),
            prefix: () => fs.writeFileSync(${JSON.stringify(`${ledger}2`)}, 'x'),
            tmp: () => fs.writeFileSync('/tmp/runfleet-allow-write', 'x'),
            read: () => fs.readFileSync(${JSON.stringify(beside)}),
            out: () => fs.writeFileSync(${JSON.stringify(`${directory}/../beside`)}, 'x'),
            move: () => fs.renameSync(${JSON.stringify(beside)}, ${JSON.stringify(`${directory}/beside`)}),
          };
          for (const [name, act] of Object.entries(tries)) try { act(); console.log('reached', name); } catch {}`),
        ),
      );
      for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: 'ok', stdout: { text: '' } });
      expect(readFileSync(ledger, 'utf8').split('\n').toSorted()).toEqual(['', '1', '2', '3', 'before']);
      writeFileSync(ledger, 'before\n');
      expect(readFileSync(beside, 'utf8')).toBe('kept');
      expect(readdirSync(directory).toSorted()).toEqual(['1', '2', '3']);
      expect(readdirSync(base).toSorted()).toEqual(['beside', 'directory', 'ledger']);
      for (const n of [1, 2, 3]) rmSync(join(directory, String(n)));
    });

    it('are named in the report, so that no hole is silent', () => {
      expect(under.executor.status().isolation.parts).toMatchObject({ writable: `${ledger}, ${directory}` });
    });
  });
}
