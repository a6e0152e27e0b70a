import { fileURLToPath } from 'node:url';
import type { EdgeConfig } from '@runfleet/local/edge/serve-edge.ts';
import { startPart } from '@runfleet/local/part.ts';
import type { Reaper } from '@runfleet/local/reaper.ts';
import { Slot } from './slot.ts';

/** A place for the edge; it is still to be filled. */
export function createEdgeSlot(config: EdgeConfig, logFile: string, reaper: Reaper): Slot {
  const program = fileURLToPath(import.meta.resolve('@runfleet/local/edge/serve-edge.ts'));
  return new Slot('edge', () =>
    startPart(
      {
        name: 'edge',
        command: process.execPath,
        args: ['--disable-warning=ExperimentalWarning', program],
        env: { EDGE_CONFIG: JSON.stringify(config) },
        logFile,
      },
      reaper,
    ),
  );
}
