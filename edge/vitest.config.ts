import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { platformBindings } from './test/platform.ts';

/** The edge's tests run inside workerd, each file in a fresh one; the bindings that matter are made by edge/test/use-edge.ts. */
export default defineConfig({
  plugins: [
    cloudflareTest(({ inject }) => ({
      wrangler: { configPath: '../wrangler.toml' },
      // For the tests that call the Worker as the platform does; see edge/test/platform.ts.
      miniflare: { bindings: platformBindings(inject('gatewayUrl'), inject('databaseUrl')) },
    })),
  ],
  test: {
    name: 'edge',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/node/**'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
