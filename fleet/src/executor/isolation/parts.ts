import type { CgroupController, Delegation } from '../cgroup/delegation.ts';

/** By what a limit is held, the strongest first. */
export function withCgroup(
  delegation: Delegation | null,
  controller: CgroupController,
  others: string,
): string {
  return delegation?.controllers.includes(controller) === true ? `cgroup, ${others}` : others;
}

/** Holes that were made on purpose are never silent; where there are none, nothing is said. */
export function writablePart(writable: readonly string[]): Record<string, string> {
  return writable.length === 0 ? {} : { writable: writable.join(', ') };
}
