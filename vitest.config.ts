import { defineConfig } from 'vitest/config';

const node = (name: string) => ({
  extends: true as const,
  test: { name, include: [`${name}/**/*.test.ts`] },
});

export default defineConfig({
  test: {
    globalSetup: ['local/src/testing/services.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [node('shared'), node('migrations'), node('fleet'), node('local')],
  },
});
