import { defineConfig } from 'vitest/config';

/** Tests that share one Postgres, one Redis and one gateway, which are started for the run. */
const unit = (name: string) => ({
  extends: true as const,
  test: { name, include: [`${name}/**/*.test.ts`], globalSetup: ['local/src/testing/services.ts'] },
});

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      unit('shared'),
      unit('migrations'),
      unit('fleet'),
      unit('local'),
      'edge/vitest.config.ts',
      {
        extends: true,
        test: {
          name: 'edge-in-node',
          include: ['edge/test/node/**/*.test.ts'],
          globalSetup: ['local/src/testing/services.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          // Each file has a whole stack, so they come one after the other, when the rest is done.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
