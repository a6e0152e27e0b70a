import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPart, type Part } from '../part.ts';
import type { Reaper } from '../reaper.ts';
import { waitUntilUp } from '../wait-until.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface EdgeConfig {
  port: number;
  /** Variables beyond those of wrangler.toml and .dev.vars. */
  vars: Record<string, string>;
  logFile: string;
}

export interface RunningEdge {
  part: Part;
  url: string;
}

/** Starts the edge in workerd, by `wrangler dev`. */
export async function startEdge(config: EdgeConfig, reaper: Reaper): Promise<RunningEdge> {
  const wrangler = createRequire(join(root, 'package.json')).resolve('wrangler/package.json');
  const args = [
    join(dirname(wrangler), 'bin', 'wrangler.js'),
    'dev',
    '--ip=127.0.0.1',
    `--port=${config.port}`,
    '--inspector-port=0',
    '--show-interactive-dev-session=false',
    ...Object.entries(config.vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
  ];
  const part = startPart(
    {
      name: 'edge',
      command: process.execPath,
      args,
      cwd: root,
      env: {
        CI: 'true',
        WRANGLER_SEND_METRICS: 'false',
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
        NO_COLOR: '1',
      },
      logFile: config.logFile,
      stopTimeoutMs: 5_000,
    },
    reaper,
  );
  const url = `http://localhost:${config.port}`;
  await waitUntilUp(part, 60_000, async () => (await fetch(`${url}/health`)).ok);
  return { part, url };
}

/** Does what Cloudflare's cron does, which `wrangler dev` leaves to others. Throws when it failed. */
export async function tick(edgeUrl: string): Promise<void> {
  const response = await fetch(`${edgeUrl}/cdn-cgi/handler/scheduled`, {
    signal: AbortSignal.timeout(60_000),
  });
  const body = await response.text();
  if (!response.ok || body === 'exception') throw new Error(`the cron answered ${response.status} ${body}`);
}
