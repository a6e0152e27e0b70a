import type { IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { detectProcess, detectSandbox } from './detect.ts';
import type { Isolation } from './isolation.ts';

/**
 * The isolation of a level, proven on this host. Never a weaker one: what cannot be had is an error.
 *
 * @param writable paths of the host that each task may write to; see allowed-path.ts
 * @throws Error with the reason and what mends it
 */
export async function requireIsolation(
  level: IsolationLevel,
  writable: readonly string[] = [],
): Promise<Isolation> {
  switch (level) {
    case 'process':
      return detectProcess(process.execPath, writable);
    case 'sandbox': {
      const detected = await detectSandbox(process.execPath, writable);
      if (detected.isolation !== null) return detected.isolation;
      const remedy = detected.remedy === null ? '' : `; try: ${detected.remedy}`;
      throw new Error(
        `isolation "sandbox" is not to be had here: ${detected.missing}${remedy}` +
          ' (or ask for less with --isolation process)',
      );
    }
  }
}
