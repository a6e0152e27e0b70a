import { defineConfig } from 'vitest/config';

/** Tests that share the Postgres, the Redis and the gateway of the run. */
const inNode = (name: string, folder = name) => ({
  extends: true as const,
  test: { name, include: [`${folder}/**/*.test.ts`] },
});

const bootedMachine = 'fleet/test/systemd/booted.test.ts';

export default defineConfig({
  test: {
    globalSetup: ['local/src/testing/services.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests wait more than they compute; the default would leave a processor of two idle.
    maxWorkers: 2,
    projects: [
      inNode('shared'),
      inNode('migrations'),
      {
        extends: true,
        test: {
          name: 'fleet',
          include: ['fleet/**/*.test.ts'],
          exclude: ['**/node_modules/**', bootedMachine],
        },
      },
      inNode('local'),
      'edge/vitest.config.ts',
      inNode('edge-in-node', 'edge/test/node'),
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
      {
        extends: true,
        // It boots a machine and watches its clocks, so it has this one to itself.
        test: { name: 'systemd', include: [bootedMachine], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
