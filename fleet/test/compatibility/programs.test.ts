import { describe, expect, it } from 'vitest';
import { executorUnderTest } from '../../src/executor/testing/executor-under-test.ts';
import { nodeMajor, runWithNode, withoutPaths } from './compare-with-node.ts';
import { findIsolation } from './find-isolation.ts';
import { programs, type Program } from './programs.ts';

for (const level of ['process', 'sandbox'] as const) {
  const { isolation, missing } = await findIsolation(level);
  describe.skipIf(isolation === null)(
    `at ${level}, as with node${missing === null ? '' : `: ${missing}`}`,
    () => {
      const under = executorUnderTest(isolation === null ? {} : { level, isolation, poolSize: 1 });

      it.each<Program>(programs.filter(({ since = 0 }) => nodeMajor >= since))(
        '$name',
        async ({ code, kind = 'cjs', input = {}, contains }) => {
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
        },
      );
    },
  );
}
