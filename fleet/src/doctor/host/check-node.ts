import { failed, ok, type Finding } from '../finding.ts';

const leastMajor = 24;

/** @param version as in `process.versions.node` */
export function checkNode(version: string): Finding {
  const found = `Node ${version}`;
  if (Number.parseInt(version, 10) >= leastMajor) return ok('node', found, 'the fleet runs on it');
  return failed(
    'node',
    found,
    `the fleet needs Node ${leastMajor} or newer, to run TypeScript as it is`,
    'npx runfleet doctor, in the clone: a Node that is new enough is among the dependencies',
  );
}
