import { describe, expect, it } from 'vitest';
import type { IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { detectProcess, detectSandbox } from '../../src/executor/isolation/detect.ts';
import { executorUnderTest } from '../../src/executor/testing/executor-under-test.ts';
import { nodePath, runWithNode, withoutPaths } from './compare-with-node.ts';
import { programs, type Program } from './programs.ts';

/** What this host has for that Node; a level that is missing is skipped with its reason. */
async function findIsolation(level: IsolationLevel) {
  return level === 'process'
    ? { isolation: detectProcess(nodePath), missing: null }
    : detectSandbox(nodePath);
}

for (const level of ['process', 'sandbox'] as const) {
  const { isolation, missing } = await findIsolation(level);
  describe.skipIf(isolation === null)(
    `at ${level}, as with node${missing === null ? '' : `: ${missing}`}`,
    () => {
      const under = executorUnderTest(isolation === null ? {} : { level, isolation, poolSize: 1 });

      it.each<Program>(programs)('$name', async ({ code, kind = 'cjs', input = {}, contains }) => {
        const [expected, outcome] = await Promise.all([
          runWithNode(code, kind, input),
          under.run(code, { input }),
        ]);
        const inRoot = new RegExp(`${under.workRoot}/attempt-\\w{6}`);
        const directory = inRoot.exec(outcome.stdout.text + outcome.stderr.text)?.[0] ?? '/task';
        expect({
          stdout: withoutPaths(outcome.stdout.text, directory),
          stderr: withoutPaths(outcome.stderr.text, directory),
          exitCode: outcome.exitCode,
        }).toEqual(expected);
        expect(outcome.stdout.text + outcome.stderr.text).toContain(contains);
      });
    },
  );
}
