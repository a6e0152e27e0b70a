import { fileURLToPath } from 'node:url';
import { bundleEdge } from '../edge/bundle-edge.ts';
import type { EdgeConfig } from '../edge/serve-edge.ts';
import { startPart, type Part } from '../part.ts';
import type { Reaper } from '../reaper.ts';
import { waitUntilUp } from '../wait-until.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const program = fileURLToPath(new URL('../edge/serve-edge.ts', import.meta.url));

export interface EdgePartConfig {
  port: number;
  /** Variables beyond those of wrangler.toml and .dev.vars. */
  vars: Record<string, string>;
  logFile: string;
}

export interface RunningEdge {
  part: Part;
  url: string;
}

/** Starts the edge in workerd. */
export async function startEdge(
  { port, vars, logFile }: EdgePartConfig,
  reaper: Reaper,
): Promise<RunningEdge> {
  const config: EdgeConfig = { port, root, script: await bundleEdge(root), vars };
  const part = startPart(
    {
      name: 'edge',
      command: process.execPath,
      args: [program],
      cwd: root,
      env: { EDGE_CONFIG: JSON.stringify(config), NO_COLOR: '1' },
      logFile,
      stopTimeoutMs: 5_000,
    },
    reaper,
  );
  const url = `http://localhost:${port}`;
  await waitUntilUp(part, 60_000, async () => (await fetch(`${url}/health`)).ok);
  return { part, url };
}

/** Does what Cloudflare's cron does, which workerd leaves to others. Throws when it failed. */
export async function tick(edgeUrl: string): Promise<void> {
  const response = await fetch(`${edgeUrl}/cdn-cgi/local/scheduled`, {
    signal: AbortSignal.timeout(60_000),
  });
  const body = await response.text();
  if (!response.ok || body === 'exception') throw new Error(`the cron answered ${response.status} ${body}`);
}
