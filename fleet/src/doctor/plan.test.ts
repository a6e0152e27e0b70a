import { isolationLevels } from '@runfleet/shared/model/outcome.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fittingConcurrency, wantedMemoryBytes } from './plan.ts';

const gib = 1024 ** 3;

test('what fits, fits, and one more does not', () => {
  const hosts = fc.record({
    memoryBytes: fc.integer({ min: 0, max: 512 * gib }),
    isolation: fc.constantFrom(...isolationLevels),
    poolSize: fc.nat(64),
  });
  fc.assert(
    fc.property(hosts, ({ memoryBytes, isolation, poolSize }) => {
      const plan = { isolation, poolSize, workDir: '/', concurrency: 0 };
      const concurrency = fittingConcurrency(memoryBytes, plan);
      if (concurrency > 0)
        expect(wantedMemoryBytes({ ...plan, concurrency })).toBeLessThanOrEqual(memoryBytes);
      const oneMore = wantedMemoryBytes({ ...plan, concurrency: concurrency + 1 });
      expect(oneMore).toBeGreaterThan(memoryBytes);
    }),
  );
});
