import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** All that a bundle is made of, below the root. */
const sources = ['edge/src/**/*.ts', 'shared/src/**/*.ts', 'wrangler.toml', 'pnpm-lock.yaml'];

/**
 * Bundles the edge as `wrangler deploy` would, which takes seconds; so a bundle of the same sources is used again.
 *
 * @returns the path of its one module
 */
export async function bundleEdge(root: string): Promise<string> {
  const cache = join(root, 'node_modules', '.cache', 'runfleet-edge');
  const bundle = join(cache, fingerprint(root));
  if (!existsSync(bundle)) {
    mkdirSync(cache, { recursive: true });
    const made = mkdtempSync(join(cache, 'new-'));
    await runWrangler(root, 'deploy', '--dry-run', '--outdir', made);
    try {
      renameSync(made, bundle);
    } catch (error) {
      // Another has made the same at the same time.
      rmSync(made, { recursive: true });
      if (!existsSync(bundle)) throw error;
    }
  }
  return join(bundle, 'index.js');
}

function fingerprint(root: string): string {
  const hash = createHash('sha256');
  for (const file of globSync(sources, { cwd: root }).toSorted()) {
    if (file.endsWith('.test.ts')) continue;
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex').slice(0, 32);
}

async function runWrangler(root: string, ...args: string[]): Promise<void> {
  const wrangler = createRequire(import.meta.url).resolve('wrangler/package.json');
  await run(process.execPath, [join(dirname(wrangler), 'bin', 'wrangler.js'), ...args], {
    cwd: root,
    env: { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false' },
  });
}
