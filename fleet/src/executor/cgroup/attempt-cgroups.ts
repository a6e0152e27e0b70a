import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AttemptCgroup } from './attempt-cgroup.ts';
import { errorCode, readCount, writeCgroup } from './cgroup-files.ts';
import type { CgroupController, Delegation } from './delegation.ts';

/** How long the processes that a predecessor left may take to die. */
const sweepDeadlineMs = 10_000;

/**
 * The groups of one worker's attempts, in a group of their own:
 *
 *   <delegated>/runfleet-attempts-<of the work root>/<number>
 */
export class AttemptCgroups {
  readonly #directory: string;
  readonly #delegation: Delegation;
  #made = 0;

  private constructor(directory: string, delegation: Delegation) {
    this.#directory = directory;
    this.#delegation = delegation;
  }

  /** Ends what a crashed predecessor with the same work root has left in its groups, and begins anew. */
  static async open(delegation: Delegation, workRoot: string): Promise<AttemptCgroups> {
    const key = createHash('sha256').update(workRoot).digest('hex').slice(0, 16);
    const directory = join(delegation.directory, `runfleet-attempts-${key}`);
    await sweep(directory);
    return new AttemptCgroups(directory, delegation);
  }

  create(): AttemptCgroup {
    const { controllers } = this.#delegation;
    if (this.#made === 0) this.#makeOwn(controllers);
    this.#made += 1;
    return new AttemptCgroup(join(this.#directory, String(this.#made)), controllers);
  }

  #makeOwn(controllers: readonly CgroupController[]): void {
    mkdirSync(this.#directory, { recursive: true });
    for (const controller of controllers) {
      writeCgroup(this.#directory, 'cgroup.subtree_control', `+${controller}`);
    }
  }

  /** Call it when every group that was created has been removed; one that is left is left to the next worker. */
  async close(): Promise<void> {
    await rmdir(this.#directory).catch(() => {});
  }
}

/** Kills all that is below a group, and removes it. */
async function sweep(directory: string): Promise<void> {
  try {
    writeCgroup(directory, 'cgroup.kill', '1');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const deadlineMs = performance.now() + sweepDeadlineMs;
  while (readCount(directory, 'cgroup.events', 'populated') === 1) {
    if (performance.now() > deadlineMs) throw new Error(`Processes in ${directory} do not end.`);
    await delay(5);
  }
  await removeBelow(directory);
}

async function removeBelow(directory: string): Promise<void> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeBelow(join(directory, entry.name));
  }
  await rmdir(directory);
}
