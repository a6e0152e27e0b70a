import { fileURLToPath } from 'node:url';
import { startPart, lastLines, type Part } from '../part.ts';
import type { Reaper } from '../reaper.ts';
import { waitUntilUp } from '../wait-until.ts';

const commandLine = fileURLToPath(new URL('../../../fleet/src/main.ts', import.meta.url));

export interface FleetPartConfig {
  name: string;
  /** The subcommand and its flags. */
  args: string[];
  env: Record<string, string>;
  logFile: string;
  stopTimeoutMs?: number;
}

/** Starts a process of the fleet and waits until it says that it is ready. */
export async function startFleetPart(config: FleetPartConfig, reaper: Reaper): Promise<Part> {
  const from = lastLines(config.logFile, Infinity).length;
  const part = startPart(
    {
      ...config,
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', commandLine, ...config.args],
    },
    reaper,
  );
  await waitUntilUp(part, 30_000, async () =>
    lastLines(config.logFile, Infinity).slice(from).includes('"event":"ready"'),
  );
  return part;
}
