import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeCgroup } from '../cgroup/cgroup-files.ts';
import { takeDelegation, type DelegationFound } from '../cgroup/delegation.ts';

let entered = false;

/**
 * What this process can do with control groups, as a worker finds it out. `RUNFLEET_TEST_CGROUP` names a group with
 * controllers for those below it, as fleet/test/with-cgroups.sh makes: there this process gets a group to itself first, as a
 * worker has in its unit.
 */
export function delegationHere(): DelegationFound {
  enterTestCgroup();
  return takeDelegation();
}

/** Call it before anything looks for the delegation. */
export function enterTestCgroup(): void {
  const base = process.env['RUNFLEET_TEST_CGROUP'];
  if (base === undefined || entered) return;
  entered = true;
  const own = join(base, `tests-${process.pid}`);
  mkdirSync(own, { recursive: true });
  writeCgroup(own, 'cgroup.procs', String(process.pid));
}
