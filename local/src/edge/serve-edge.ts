/*
 * The edge in a process of its own: workerd, by way of miniflare, over a bundle. `wrangler dev` does the same behind a
 * proxy of its own, for ten times the CPU a request.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Comes as JSON in EDGE_CONFIG. */
export interface EdgeConfig {
  port: number;
  /** Where wrangler.toml and .dev.vars are. */
  root: string;
  /** The bundled module. */
  script: string;
  /** Variables beyond those of wrangler.toml and .dev.vars. */
  vars: Record<string, string>;
}

interface WranglerModule {
  unstable_getMiniflareWorkerOptions(configPath: string): {
    workerOptions: {
      compatibilityDate: string;
      compatibilityFlags: string[];
      bindings: Record<string, string>;
    };
  };
}
interface MiniflareModule {
  Miniflare: new (options: unknown) => { ready: Promise<URL> };
  convertV4MiniflareOptions(options: unknown): unknown;
}

const require = createRequire(import.meta.url);
const wrangler = require('wrangler') as WranglerModule;
// Miniflare is a dependency of wrangler, not of ours: this is the one that wrangler itself runs.
const { Miniflare, convertV4MiniflareOptions } = createRequire(require.resolve('wrangler/package.json'))(
  'miniflare',
) as MiniflareModule;

const { port, root, script, vars } = JSON.parse(process.env['EDGE_CONFIG'] ?? '{}') as EdgeConfig;
const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(join(root, 'wrangler.toml'));
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: '127.0.0.1',
    port,
    modulesRoot: dirname(script),
    modules: [{ type: 'ESModule', path: script }],
    compatibilityDate: workerOptions.compatibilityDate,
    compatibilityFlags: workerOptions.compatibilityFlags,
    bindings: { ...workerOptions.bindings, ...vars },
    // The cron's: /cdn-cgi/local/scheduled.
    unsafeTriggerHandlers: true,
    cf: false,
    telemetry: { enabled: false },
  }),
);
// Miniflare ends workerd and removes its files as the process exits; its own `dispose` takes two seconds for that, and
// there is nothing here that could be lost.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit());
await miniflare.ready;
